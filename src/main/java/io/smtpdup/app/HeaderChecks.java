package io.smtpdup.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.smtpdup.app.RouteWalk.Place;
import io.smtpdup.message.FormerHeader;
import io.smtpdup.message.SmtpServerConstants;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.LogDefinition;
import org.apache.camel.model.RemoveHeaderDefinition;
import org.apache.camel.model.RemoveHeadersDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.ThrowExceptionDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.model.language.MethodCallExpression;
import org.apache.camel.support.PatternHelper;

/** Finds in the operator's routes who reads or removes a header that nobody sets any more, and would find nothing without a word. */
final class HeaderChecks {

    private final List<String> problems = new ArrayList<>();

    /** To be called for every part of the routes. */
    void check(Object part, Place place) {
        if (part instanceof RemoveHeaderDefinition step) {
            removal(step.getName(), new String[0], place);
        } else if (part instanceof RemoveHeadersDefinition step) {
            removal(step.getPattern(), excluded(step), place);
        } else {
            texts(part).filter(Objects::nonNull).forEach(text -> read(text, place));
        }
    }

    /** Each with the file, the route, the step and the remedy. */
    List<String> problems() {
        return problems.stream().distinct().toList();
    }

    private static Stream<String> texts(Object part) {
        return part instanceof MethodCallExpression call ? Stream.of(call.getExpression(), call.getMethod())
                : part instanceof ExpressionDefinition expression ? Stream.of(expression.getExpression())
                : part instanceof BeanDefinition step ? Stream.of(step.getMethod())
                : part instanceof LogDefinition step ? Stream.of(step.getMessage())
                : part instanceof ThrowExceptionDefinition step ? Stream.of(step.getMessage())
                : part instanceof ToDynamicDefinition step ? Stream.of(step.getUri())
                : part instanceof SendDefinition<?> step ? Stream.of(step.getEndpointUri())
                : Stream.empty();
    }

    private void read(String text, Place place) {
        for (FormerHeader one : FormerHeader.values()) {
            if (Pattern.compile("(?i)\\b" + one.header() + "\\b").matcher(text).find()) {
                problems.add(place + ": no mail has the header " + one.header() + " any more, write " + one.simple() + " instead");
            }
        }
    }

    private static String[] excluded(RemoveHeadersDefinition step) {
        return step.getExcludePatterns() != null ? step.getExcludePatterns()
                : step.getExcludePattern() != null ? new String[] {step.getExcludePattern()} : new String[0];
    }

    /** Who takes the recipients away as well wants no envelope at all, and has none. */
    private void removal(String pattern, String[] excluded, Place place) {
        if (pattern == null || isRemoved(SmtpServerConstants.RECIPIENTS, pattern, excluded)) {
            return;
        }
        if (isRemoved(SmtpServerConstants.ENVELOPE, pattern, excluded)) {
            problems.add(place + ": it takes away " + SmtpServerConstants.ENVELOPE + ", which has all that the client said to MAIL and RCPT"
                    + " besides the addresses, and leaves the recipients; leave both, or neither");
            return;
        }
        Arrays.stream(FormerHeader.values()).filter(one -> isRemoved(one.header(), pattern, excluded)).forEach(one ->
                problems.add(place + ": no mail has the header " + one.header() + " any more, and to take away what it said, write"
                        + " setHeader with an empty constant instead"));
    }

    private static boolean isRemoved(String header, String pattern, String[] excluded) {
        return PatternHelper.matchPattern(header, pattern)
                && Arrays.stream(excluded).noneMatch(one -> PatternHelper.matchPattern(header, one));
    }
}
