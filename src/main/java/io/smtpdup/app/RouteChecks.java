package io.smtpdup.app;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.smtpdup.app.RouteWalk.Place;
import io.smtpdup.backup.Hook;
import io.smtpdup.config.Settings;
import io.smtpdup.spool.QueueNames;
import org.apache.camel.CamelContext;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.LogDefinition;
import org.apache.camel.model.PollDefinition;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.ThrowExceptionDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.model.errorhandler.DeadLetterChannelDefinition;
import org.apache.camel.model.language.ConstantExpression;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.model.language.MethodCallExpression;

/**
 * Finds in the operator's routes what Camel finds only when a mail comes to the step, which on the way of a failure may be
 * weeks later: an endpoint of no known kind, a queue that nobody reads, a bean or method that is not there.
 */
final class RouteChecks {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??([^}:]+)[^}]*}}");

    /** Where a text stops to be what it says: {@code ${...}} is filled in for each mail, a placeholder that is left for each route. */
    private static final Pattern OPEN = Pattern.compile("\\$(simple)?\\{|\\{\\{");

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):.*", Pattern.DOTALL);

    private static final Pattern SIMPLE_BEAN = Pattern.compile("\\$(?:simple)?\\{\\s*bean:([^{}]*(?:\\{[^{}]*}[^{}]*)*)}");

    private static final Pattern REFERENCE = Pattern.compile("[?&][^=&]+=#(?:bean:)?([A-Za-z0-9_.-]+)(?=&|$)");

    private static final Pattern QUEUE = Pattern.compile("spool:(?://)?([^?]*).*", Pattern.DOTALL);

    /** What a queue was called before it had a component of its own. */
    private static final Pattern FORMER_QUEUE = Pattern.compile("jms:(?://)?(?:queue:)?(?://)?([^?]*).*", Pattern.DOTALL);

    private static final Pattern HOOK = Pattern.compile("direct:(on-[^.]+)\\..*");

    private final CamelContext context;

    private final RouteBeans beans;

    private final Set<String> queues = new LinkedHashSet<>();

    private final Set<String> begun = new LinkedHashSet<>();

    /** Beans that process steps name, hooks among them. */
    private final Set<String> processing = new LinkedHashSet<>();

    private final List<String> problems = new ArrayList<>();

    private final LossChecks losses;

    private RouteChecks(CamelContext context, List<String> queues, Settings settings) {
        this.context = context;
        losses = new LossChecks(settings, this::filled);
        this.beans = new RouteBeans(context);
        this.queues.addAll(queues);
    }

    /**
     * Looks through all that is loaded; nothing needs to be started.
     *
     * @param queues the names of the spool's queues
     * @throws StartException for the first that is wrong: the file, the route, the step, and what
     */
    static void requireSound(CamelContext context, List<String> queues, Settings settings) {
        RouteChecks checks = new RouteChecks(context, queues, settings);
        RouteWalk.through(context, checks::note);
        RouteWalk.through(context, checks::check);
        RouteWalk.through(context, checks.losses::check);
        checks.problems.addAll(checks.losses.problems());
        HeaderChecks headers = new HeaderChecks();
        RouteWalk.through(context, headers::check);
        checks.problems.addAll(headers.problems());
        if (!checks.problems.isEmpty()) {
            int more = checks.problems.size() - 1;
            throw new StartException(checks.problems.get(0) + (more == 0 ? "" : " (and " + more + " more)"));
        }
    }

    private void note(Object part, Place place) {
        losses.note(part);
        if (part instanceof FromDefinition from) {
            String uri = filled(from.getEndpointUri());
            begun.add(name(uri));
            Matcher queue = QUEUE.matcher(uri);
            if (queue.matches()) {
                queues.add(literal(queue.group(1)));
            }
        } else if (part instanceof ProcessDefinition step) {
            processing.add(filled(step.getRef()));
        }
    }

    private void check(Object part, Place place) {
        Consumer<String> found = problem -> {
            String line = place + ": " + problem;
            if (!problems.contains(line)) {
                problems.add(line);
            }
        };
        if (part instanceof FromDefinition from) {
            uri(from.getEndpointUri(), false, found);
            hook(name(filled(from.getEndpointUri())), found);
        } else if (part instanceof ToDynamicDefinition step) {
            uri(step.getUri(), !(step instanceof WireTapDefinition<?> tap) || !"false".equals(tap.getDynamicUri()), found);
        } else if (part instanceof SendDefinition<?> step) {
            uri(step.getEndpointUri(), false, found);
        } else if (part instanceof DeadLetterChannelDefinition channel) {
            uri(channel.getDeadLetterUri(), false, found);
        } else if (part instanceof PollDefinition step) {
            uri(step.getUri(), true, found);
        } else if (part instanceof BeanDefinition step && step.getRef() != null) {
            beans.problem(filled(step.getRef()), filled(step.getMethod())).ifPresent(found);
        } else if (part instanceof ProcessDefinition step && step.getRef() != null) {
            beans.problem(filled(step.getRef()), null).ifPresent(found);
        } else if (part instanceof MethodCallExpression call && call.getRef() != null) {
            beans.problem(filled(call.getRef()), filled(call.getMethod())).ifPresent(found);
        } else if (part instanceof LogDefinition step) {
            simple(step.getMessage(), found);
        } else if (part instanceof ThrowExceptionDefinition step) {
            simple(step.getMessage(), found);
        } else if (part instanceof ExpressionDefinition expression && !(part instanceof ConstantExpression)) {
            simple(expression.getExpression(), found);
        }
        if (part instanceof ExpressionNode node && addressing(node)) {
            addresses(node.getExpression(), found);
        }
    }

    private void hook(String begin, Consumer<String> found) {
        Matcher hook = HOOK.matcher(begin);
        if (hook.matches() && !Hook.NAMES.contains(hook.group(1))) {
            found.accept("there is no hook " + hook.group(1) + ", only " + String.join(" and ", Hook.NAMES));
        } else if (hook.matches() && !processing.contains(hook.group(1))) {
            found.accept("no step gives it anything: the routes lack \"process: {ref: " + hook.group(1)
                    + "}\", which the shipped 20-copies and 40-undelivered have");
        }
    }

    /** Steps whose expression says where the mail goes. */
    private static boolean addressing(ExpressionNode node) {
        return node instanceof RecipientListDefinition || node instanceof RoutingSlipDefinition
                || node instanceof DynamicRouterDefinition || node instanceof EnrichDefinition
                || node instanceof PollEnrichDefinition;
    }

    private void addresses(ExpressionDefinition expression, Consumer<String> found) {
        boolean words = expression != null && expression.getExpression() != null
                && ("constant".equals(expression.getLanguage()) || "simple".equals(expression.getLanguage()));
        if (words) {
            for (String uri : expression.getExpression().split(",(?![^{(]*[})])")) {
                uri(uri.strip(), true, found);
            }
        }
    }

    private void simple(String text, Consumer<String> found) {
        if (text == null) {
            return;
        }
        Matcher call = SIMPLE_BEAN.matcher(filled(text));
        while (call.find()) {
            beanCall(call.group(1).strip(), found);
        }
    }

    /** {@code name}, {@code name?method=call}, {@code name::call} or {@code name.call}. */
    private void beanCall(String text, Consumer<String> found) {
        String[] asked = text.split("\\?method=|::", 2);
        String bean = asked[0].replaceFirst("\\?.*", "");
        String call = asked.length > 1 ? asked[1].replaceFirst("[?&]scope=.*", "") : null;
        Optional<String> problem = beans.problem(bean, call);
        int dot = text.replaceFirst("\\(.*", "").lastIndexOf('.');
        if (problem.isPresent() && call == null && dot > 0) {
            problem = beans.problem(text.substring(0, dot), text.substring(dot + 1));
        }
        problem.ifPresent(found);
    }

    /** @param dynamic whether the text is filled in for each mail, so that Camel has not looked at it yet */
    private void uri(String text, boolean dynamic, Consumer<String> found) {
        if (text == null || text.isBlank()) {
            return;
        }
        simple(text, found);
        String uri = filled(text);
        String literal = literal(uri);
        Matcher scheme = SCHEME.matcher(literal);
        if (!scheme.matches()) {
            return;
        }
        Matcher former = FORMER_QUEUE.matcher(uri);
        if (former.matches()) {
            found.accept("jms: no longer exists, write spool:" + former.group(1) + " instead, without the parameters transacted,"
                    + " lazyCreateTransactionManager and cacheLevelName");
            return;
        }
        if (isUnknown(scheme.group(1))) {
            found.accept("no component for " + scheme.group(1) + ": (" + text.replaceFirst("\\?.*", "") + ")");
            return;
        }
        Matcher reference = REFERENCE.matcher(uri);
        while (reference.find()) {
            beans.problem(reference.group(1), null).ifPresent(found);
        }
        if (scheme.group(1).equals("bean")) {
            beanCall(literal.substring("bean:".length()).replaceFirst("^//", ""), found);
        }
        queue(uri, literal, found);
        boolean inner = scheme.group(1).equals("direct") || scheme.group(1).equals("seda");
        if (inner && dynamic && literal.equals(uri) && !begun.contains(name(uri))) {
            found.accept("no route begins with " + name(uri));
        }
    }

    private void queue(String uri, String literal, Consumer<String> found) {
        Matcher queue = QUEUE.matcher(literal);
        if (!queue.matches()) {
            return;
        }
        String name = queue.group(1);
        boolean whole = literal.equals(uri);
        boolean ours = QueueNames.KINDS.stream().anyMatch(name::startsWith);
        if (whole && ours && !queues.contains(name)) {
            found.accept("no backup has the queue " + name);
        } else if (!whole && !ours && Stream.concat(queues.stream(), QueueNames.KINDS.stream())
                .noneMatch(one -> one.startsWith(name))) {
            found.accept("no queue begins with " + name + " (" + uri + ")");
        }
    }

    private boolean isUnknown(String scheme) {
        return context.getComponent(scheme, true, false) == null && context.getRegistry().lookupByName(scheme) == null;
    }

    /** With what the settings say in the place of placeholders; those that only a template's routes fill in stay. */
    private String filled(String text) {
        if (text == null) {
            return null;
        }
        return PLACEHOLDER.matcher(text).replaceAll(found -> Matcher.quoteReplacement(
                context.getPropertiesComponent().resolveProperty(found.group(1).strip()).orElse(found.group())));
    }

    /** The beginning of a text that is the same for every mail. */
    private static String literal(String text) {
        Matcher open = OPEN.matcher(text);
        return open.find() ? text.substring(0, open.start()) : text;
    }

    /** The endpoint without its parameters, in the form in which it is usually written. */
    static String name(String uri) {
        return uri.replaceFirst("\\?.*", "").replace("://", ":");
    }
}
