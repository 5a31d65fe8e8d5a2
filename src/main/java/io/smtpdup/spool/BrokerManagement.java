package io.smtpdup.spool;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.apache.activemq.artemis.api.core.JsonUtil;
import org.apache.activemq.artemis.api.core.management.ResourceNames;

/**
 * What an operator can ask the broker and have it do. It goes by management messages, so that it is the same for the
 * broker inside this process and for one elsewhere. Safe for use by several threads.
 *
 * <p>Nothing here takes longer than a few seconds: a broker that is away, does not answer or refuses is a
 * {@link SpoolException}, whose message says which.
 */
public final class BrokerManagement {

    /** How long an answer may take: a broker that writes to a slow disk, or lists thousands of messages, is still well. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Queues that somebody deletes in this moment would make the broker's list fail. */
    private static final String LASTING = "{\"field\": \"durable\", \"operation\": \"EQUALS\", \"value\": \"true\"}";

    /** Beyond this a list of scheduled messages is too long to be fetched for the sake of one number. */
    private static final long FEW = 2000;

    private final ManagementLine line;

    BrokerManagement(ManagementLine line) {
        this.line = line;
    }

    /** Every queue of the broker that lasts, by name; on an external broker also those that are not ours. */
    public List<QueueState> queues() {
        String answer = (String) line.invoke(ResourceNames.BROKER, "listQueues", LASTING, 1, Integer.MAX_VALUE);
        return JsonUtil.readJsonObject(answer).getJsonArray("data").stream()
                .map(queue -> queue.asJsonObject())
                .map(queue -> new QueueState(
                        queue.getString("name"),
                        Long.parseLong(queue.getString("messageCount")),
                        Long.parseLong(queue.getString("scheduledCount")),
                        Long.parseLong(queue.getString("deliveringCount")),
                        Boolean.parseBoolean(queue.getString("paused")),
                        Long.parseLong(queue.getString("consumerCount"))))
                .toList();
    }

    /**
     * The properties of every message of a queue that waits for its time, in no order. The broker makes one text of all of
     * them: ask {@link #queues} first how many there are.
     */
    public List<Map<String, Object>> scheduled(String queue) {
        return maps(line.invoke(ResourceNames.QUEUE + queue, "listScheduledMessages"));
    }

    /**
     * When the oldest copy in a queue was accepted, whether it waits, is scheduled or is with a consumer. Of a queue in
     * which thousands are scheduled, those may be left out.
     *
     * @return empty when the queue is, or holds no copies
     */
    public Optional<Instant> oldest(String queue) {
        String resource = ResourceNames.QUEUE + queue;
        List<Map<String, Object>> candidates = new ArrayList<>();
        for (Map<String, Object> consumer : maps(parse(line.invoke(resource, "listDeliveringMessagesAsJSON")))) {
            candidates.addAll(maps(consumer.get("elements")));
        }
        candidates.addAll(maps(parse("[" + line.invoke(resource, "peekFirstMessageAsJSON") + "]")));
        long scheduled = ((Number) line.attribute(resource, "scheduledCount")).longValue();
        if (scheduled > FEW) {
            candidates.addAll(maps(parse("[" + line.invoke(resource, "peekFirstScheduledMessageAsJSON") + "]")));
        } else if (scheduled > 0) {
            candidates.addAll(scheduled(queue));
        }
        return candidates.stream()
                .flatMap(message -> message.get(MailProperties.ACCEPTED_AT) instanceof Number at ? Stream.of(at) : Stream.empty())
                .map(at -> Instant.ofEpochMilli(at.longValue()))
                .min(Instant::compareTo);
    }

    /**
     * Lets scheduled messages out now, in front of those that wait.
     *
     * @param filter which, as the broker writes it: a condition on properties such as {@code smtpdup_id = 'x'}; empty for all
     * @return about how many; others may be scheduled in the same moment
     */
    public long deliverScheduled(String queue, String filter) {
        String resource = ResourceNames.QUEUE + queue;
        long before = ((Number) line.attribute(resource, "scheduledCount")).longValue();
        line.invoke(resource, "deliverScheduledMessages", filter);
        return Math.max(0, before - ((Number) line.attribute(resource, "scheduledCount")).longValue());
    }

    /**
     * Lets the copies out whose time has come by our clock, and those whose time is beyond all sense. The broker goes by the
     * machine's clock, so that it keeps them for longer when that was set back.
     *
     * @param latest beyond it is no sense: nobody waits that long
     */
    public void deliverDue(String queue, Instant now, Instant latest) {
        deliverScheduled(queue, "%1$s <= %2$d OR %1$s > %3$d OR %1$s IS NULL AND %4$s > %3$d".formatted(
                MailProperties.WANTED_AT, now.toEpochMilli(), latest.toEpochMilli(), MailProperties.DUE_AT));
    }

    /**
     * Removes messages from a queue for good.
     *
     * @param filter which, as for {@link #deliverScheduled}; never empty
     * @return how many
     */
    int remove(String queue, String filter) {
        if (filter.isEmpty()) {
            throw new IllegalArgumentException("a filter that means every message");
        }
        return ((Number) line.invoke(ResourceNames.QUEUE + queue, "removeMessages", filter)).intValue();
    }

    /** The broker gives out no messages of a queue any more, also after a restart; it still takes some. */
    public void pause(String queue) {
        line.invoke(ResourceNames.QUEUE + queue, "pause", true);
    }

    /** Takes {@link #pause} back. */
    public void resume(String queue) {
        line.invoke(ResourceNames.QUEUE + queue, "resume");
    }

    private static Object parse(Object json) {
        try {
            return JsonUtil.fromJsonArray(JsonUtil.readJsonArray((String) json));
        } catch (Exception e) {
            throw new SpoolException("the broker's answer cannot be read: " + e);
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> maps(Object answer) {
        return answer == null ? List.of() : Arrays.stream((Object[]) answer)
                .filter(Map.class::isInstance)
                .map(message -> (Map<String, Object>) message)
                .toList();
    }
}
