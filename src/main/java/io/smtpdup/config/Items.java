package io.smtpdup.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what the sources say of one key into the values to check. */
final class Items {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{env:([^{}]*)}}");

    /** The beginning of a list of addresses behind a destination, and what may go on with one: a destination's user has a password. */
    private static final Pattern OPEN_LIST = Pattern.compile("[^?]*\\?(?:.*&)?(?:only|except)=[^&]+");

    private static final Pattern ADDRESS = Pattern.compile("[^:/?&]*@[^:/?&]+(?:&.*)?");

    /** What follows a placeholder in the user or the password of a destination. */
    private static final Pattern BEFORE_AT = Pattern.compile("[^,\\s?]*@.*", Pattern.DOTALL);

    private final Map<String, String> environment;

    Items(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * The elements of a list as viper reads one: commas or white space between, empty ones left out. A list of addresses among the
     * options of a destination stays together.
     */
    static List<String> split(String list) {
        List<String> elements = new ArrayList<>();
        for (String element : list.split("[,\\s]+")) {
            int last = elements.size() - 1;
            if (last >= 0 && ADDRESS.matcher(element).matches() && OPEN_LIST.matcher(elements.get(last)).matches()) {
                elements.set(last, elements.get(last) + "," + element);
            } else if (!element.isEmpty()) {
                elements.add(element);
            }
        }
        return elements;
    }

    /**
     * Resolves {@code {{env:NAME}}} and splits lists.
     *
     * @throws IllegalArgumentException when a variable is not set; the message is a whole line
     */
    List<Item> expand(Key key, List<Item> items) {
        List<Item> expanded = new ArrayList<>();
        for (Item item : items) {
            Item resolved = resolve(key, item);
            if (!key.isList() || !resolved.label().equals(key.text())) {
                expanded.add(resolved);
                continue;
            }
            List<String> elements = split(resolved.text());
            List<String> masked = Mask.tokens(resolved.text());
            boolean fromFile = resolved.text().equals(item.text());
            for (int i = 0; i < elements.size(); i++) {
                String shown = fromFile ? Mask.line(masked.get(i)) : resolved.shown();
                expanded.add(new Item(item.label(), elements.get(i), shown, item.origin()));
            }
        }
        return expanded;
    }

    private Item resolve(Key key, Item item) {
        Matcher matcher = PLACEHOLDER.matcher(item.text());
        StringBuilder text = new StringBuilder();
        while (matcher.find()) {
            String value = environment.getOrDefault(matcher.group(1), "").strip();
            if (value.isEmpty()) {
                throw new IllegalArgumentException(
                        item.problem("the environment variable " + matcher.group(1) + " is not set"));
            }
            boolean secret = key.isDestination() && BEFORE_AT.matcher(item.text()).region(matcher.end(),
                    item.text().length()).matches();
            matcher.appendReplacement(text, Matcher.quoteReplacement(secret ? encode(value) : value));
        }
        matcher.appendTail(text);
        if (text.indexOf("{{") >= 0) {
            throw new IllegalArgumentException(item.problem("the only {{...}} allowed here is {{env:NAME}}"));
        }
        return new Item(item.label(), text.toString(), item.shown(), item.origin());
    }

    /** A secret stands in its variable as it is; what would end a user or password goes percent-encoded. */
    private static String encode(String secret) {
        StringBuilder encoded = new StringBuilder();
        secret.chars().forEach(c -> {
            if (c <= ' ' || "%@:/?#,{}".indexOf(c) >= 0) {
                encoded.append(String.format("%%%02X", c));
            } else {
                encoded.append((char) c);
            }
        });
        return encoded.toString();
    }
}
