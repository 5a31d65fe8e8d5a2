package io.smtpdup.spool;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.apache.activemq.artemis.api.core.JsonUtil;
import org.apache.activemq.artemis.api.core.management.ResourceNames;
import org.apache.activemq.artemis.json.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings without which an external broker loses copies, or makes a client wait: it would put a copy aside after ten
 * deliveries, and hold up who sends when its disk is full. Sets them where the broker lets us.
 */
final class QueueSettings {

    private static final Logger LOG = LoggerFactory.getLogger(QueueSettings.class);

    /** @param usual what the broker does when nothing is set */
    private record Setting(Object wanted, Object usual) {
    }

    private static final Map<String, Setting> NEEDED = new TreeMap<>(Map.of(
            "maxDeliveryAttempts", new Setting(-1, 10),
            "redeliveryDelay", new Setting(0, 0),
            "expiryDelay", new Setting(-1, -1),
            "maxExpiryDelay", new Setting(-1, -1),
            "addressFullMessagePolicy", new Setting("PAGE", "PAGE"),
            "diskFullMessagePolicy", new Setting("FAIL", "BLOCK"),
            "autoDeleteQueues", new Setting(false, true),
            "autoDeleteAddresses", new Setting(false, true),
            "managementMessageAttributeSizeLimit", new Setting(-1, 256)));

    private static final List<String> ADDRESSES = QueueNames.ALL.stream().map(kind -> kind + "#").toList();

    private final ManagementLine line;

    QueueSettings(ManagementLine line) {
        this.line = line;
    }

    /** Sets what is not as it must be, and tells an operator when that did not help. */
    void apply(List<String> queues) {
        String wrong;
        try {
            wrong = wrong(queues);
            if (wrong.isEmpty()) {
                return;
            }
            Map<String, Object> wanted = new TreeMap<>();
            NEEDED.forEach((name, setting) -> wanted.put(name, setting.wanted()));
            String settings = JsonUtil.toJsonObject(wanted).toString();
            for (String addresses : ADDRESSES) {
                line.invoke(ResourceNames.BROKER, "addAddressSettings", addresses, settings);
            }
            wrong = wrong(queues);
            if (wrong.isEmpty()) {
                LOG.info("the relay has set the address settings {} at the spool's broker", ADDRESSES);
                return;
            }
        } catch (SpoolException e) {
            wrong = e.getMessage();
        }
        LOG.warn("the spool's broker may lose copies or stop clients: its broker.xml needs the address settings of"
                + " deploy/artemis/broker.xml for {} ({})", ADDRESSES, wrong);
    }

    /** What is not as it must be, for a log line; empty when all is well. */
    private String wrong(List<String> queues) {
        StringBuilder wrong = new StringBuilder();
        for (String queue : queues) {
            JsonObject settings = JsonUtil.readJsonObject(
                    (String) line.invoke(ResourceNames.BROKER, "getAddressSettingsAsJSON", queue));
            String mine = NEEDED.entrySet().stream()
                    .filter(setting -> !is(settings, setting.getKey(), setting.getValue()))
                    .map(setting -> setting.getKey() + " is not " + setting.getValue().wanted())
                    .collect(Collectors.joining(", "));
            if (!mine.isEmpty() && wrong.isEmpty()) {
                wrong.append(queue).append(": ").append(mine);
            }
        }
        return wrong.toString();
    }

    private static boolean is(JsonObject settings, String name, Setting setting) {
        String value = settings.containsKey(name)
                ? settings.get(name).toString().replace("\"", "") : String.valueOf(setting.usual());
        return value.equals(String.valueOf(setting.wanted()));
    }
}
