package io.smtpdup.app;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import io.smtpdup.app.RouteWalk.Place;
import io.smtpdup.config.Key;
import io.smtpdup.config.Settings;
import io.smtpdup.spool.QueueNames;
import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.ExpressionSubElementDefinition;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.LogDefinition;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RemoveHeaderDefinition;
import org.apache.camel.model.RemoveHeadersDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.SetHeaderDefinition;
import org.apache.camel.model.SetPropertyDefinition;
import org.apache.camel.model.StopDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.model.errorhandler.NoErrorHandlerDefinition;

/**
 * Finds what in the operator's routes would lose mail, or have clients hear what is not so: what the heads of the shipped files
 * warn of. Each check but those of {@code synchronous} and {@code callout} has a key of its own by which an operator who knows better switches it off.
 */
final class LossChecks {

    private static final String CALLER = "#callerRuns";

    /** Steps that neither fail nor wait, as far as they are ours. */
    private static final List<Class<?>> HARMLESS = List.of(LogDefinition.class, SetHeaderDefinition.class, SetPropertyDefinition.class,
            RemoveHeaderDefinition.class, RemoveHeadersDefinition.class, WireTapDefinition.class);

    private final Settings settings;

    /** Fills in what the settings say in the place of placeholders. */
    private final UnaryOperator<String> filled;

    /** Where any tap goes. */
    private final Set<String> tapped = new LinkedHashSet<>();

    /** Where those taps go that the client's thread waits for. */
    private final Set<String> awaited = new LinkedHashSet<>();

    /** What the routes begin with that put mails into queues. */
    private final Set<String> storing = new LinkedHashSet<>();

    private final List<String> problems = new ArrayList<>();

    LossChecks(Settings settings, UnaryOperator<String> filled) {
        this.settings = settings;
        this.filled = filled;
    }

    /** To be called for every part of the routes before {@link #check} is for any. */
    void note(Object part) {
        if (part instanceof WireTapDefinition<?> tap) {
            tapped.add(name(tap.getUri()));
            if (CALLER.equals(tap.getExecutorService())) {
                awaited.add(name(tap.getUri()));
            }
        } else if (part instanceof RouteDefinition route && stores(route)) {
            storing.add(name(route.getInput().getEndpointUri()));
        }
    }

    private boolean stores(ProcessorDefinition<?> step) {
        return step instanceof RecipientListDefinition<?> || uri(step).startsWith("spool:")
                || inner(step).stream().anyMatch(this::stores);
    }

    void check(Object part, Place place) {
        if (part instanceof RouteDefinition route) {
            String from = name(route.getInput().getEndpointUri());
            if (from.startsWith("smtp-server:")) {
                primary(route, place);
            } else if (from.startsWith("spool:" + QueueNames.QUESTIONS)) {
                questions(route, place);
            } else if (tapped.contains(from) && storing.contains(from)) {
                copies(route.getOutputs(), place);
            }
        } else if (part instanceof FromDefinition from) {
            awaited(filled.apply(from.getEndpointUri()), place);
        } else if (part instanceof OnExceptionDefinition failure) {
            handled(failure, place);
        }
    }

    /** A tap does not wait for steps that go on without a thread, as a copy does on its way to the disk. */
    private void awaited(String uri, Place place) {
        if (uri.startsWith("direct:") && awaited.contains(name(uri)) && !uri.contains("synchronous=true")) {
            problems.add(place + ": " + name(uri) + " needs the parameter synchronous: true, without which the client hears 250 before its"
                    + " copies are on disk");
        }
    }

    /** A question has no content, and a server that is not merely asked would get an empty mail. */
    private void questions(ProcessorDefinition<?> step, Place place) {
        for (ProcessorDefinition<?> one : inner(step)) {
            if (uri(one).startsWith("smtp") && one instanceof SendDefinition<?> send && !send.getEndpointUri().matches(".*[?&]callout=true(&.*)?")) {
                problems.add(place + ": the step " + id(one) + " needs the parameter callout: true, without which a server gets an empty mail for"
                        + " each question");
            }
            questions(one, place);
        }
    }

    /** Each with the file, the route, the step and the remedy. */
    List<String> problems() {
        return problems;
    }

    private void primary(RouteDefinition route, Place place) {
        List<ProcessorDefinition<?>> steps = route.getOutputs();
        int primary = 0;
        while (primary < steps.size() && !isPrimary(steps.get(primary))) {
            primary++;
        }
        if (primary == steps.size()) {
            return; // it gives no mail to the primary, at least not in plain sight
        }
        require(place, Key.ROUTES_CHECK_ERROR_HANDLER, hasNoErrorHandler(route), "it needs errorHandler: {noErrorHandler: {}}, or"
                + " else a client does not hear what the primary says when it fails");
        if (settings.backups().isEmpty()) {
            return;
        }
        for (ProcessorDefinition<?> step : steps.subList(primary + 1, steps.size())) {
            if (step instanceof WireTapDefinition<?> tap && storing.contains(name(tap.getUri()))) {
                require(place, Key.ROUTES_CHECK_TAP, CALLER.equals(tap.getExecutorService()), "its wireTap to " + name(tap.getUri())
                        + " needs executorService: \"#callerRuns\", without which the client hears 250 before the copies are on disk");
                return;
            }
            require(place, Key.ROUTES_CHECK_TAP, isHarmless(step), "the step " + id(step) + " stands between the primary and the wireTap:"
                    + " when it fails or ends the route, the primary has a mail that no backup gets. Put it in front of the primary, or"
                    + " behind the tap");
        }
        require(place, Key.ROUTES_CHECK_TAP, false, "behind the primary there is no wireTap to a route that puts copies into queues, so"
                + " that no backup gets any; add one to direct:copies with executorService: \"#callerRuns\"");
    }

    private boolean isPrimary(ProcessorDefinition<?> step) {
        String place = uri(step).replaceFirst("^smtps?:/*(.*@)?", "");
        return uri(step).startsWith("smtp") && place.equals(settings.primary().address());
    }

    private static boolean hasNoErrorHandler(RouteDefinition route) {
        ErrorHandlerFactory handler = route.getErrorHandler() != null ? route.getErrorHandler().getErrorHandlerType()
                : route.getErrorHandlerFactory();
        return handler instanceof NoErrorHandlerDefinition;
    }

    /** Returns the list among these steps, or within one of them; null when there is none. */
    private RecipientListDefinition<?> copies(List<ProcessorDefinition<?>> steps, Place place) {
        RecipientListDefinition<?> list = null;
        for (ProcessorDefinition<?> step : steps) {
            if (list != null) {
                require(place, Key.ROUTES_CHECK_WAITING, isQuick(step), "the step " + id(step) + " runs in the thread of the spool that"
                        + " all copies wait for: put it in front of " + id(list)
                        + ", or into a route of its own that begins with direct:on-copy.<name>");
            } else if (step instanceof RecipientListDefinition<?> found) {
                list = found;
                require(place, Key.ROUTES_CHECK_COPIES, found.getAggregationStrategy() != null, "the recipientList " + id(found)
                        + " needs aggregationStrategy: \"#lostCopies\", without which a copy may be lost and nobody hears of it");
                require(place, Key.ROUTES_CHECK_COPIES, CALLER.equals(found.getExecutorService())
                        && Boolean.parseBoolean(found.getParallelProcessing()), "the recipientList " + id(found)
                        + " needs executorService: \"#callerRuns\" and parallelProcessing: true");
            } else {
                list = copies(inner(step), place);
            }
        }
        return list;
    }

    private void handled(OnExceptionDefinition failure, Place place) {
        boolean ofCopies = place.route().startsWith("configuration") || place.route().startsWith("template");
        if (ofCopies && isSaid(failure.getContinued())) {
            require(place, Key.ROUTES_CHECK_HANDLED, false, "it is continued, so that a copy that was not delivered would be gone: write"
                    + " handled, and a step that sends the copy elsewhere");
        }
        if (ofCopies && isSaid(failure.getHandled())) {
            require(place, Key.ROUTES_CHECK_HANDLED, sends(failure), "it is handled, but no step sends the copy anywhere, so that it would be"
                    + " gone: add a step like toD: spool:dead.${exchangeProperty.backup}, or take handled away");
        }
    }

    private static boolean isSaid(ExpressionSubElementDefinition answer) {
        return answer != null && answer.getExpressionType() != null && !"false".equals(answer.getExpressionType().getExpression());
    }

    private static boolean sends(ProcessorDefinition<?> step) {
        return step instanceof SendDefinition<?> || step instanceof RecipientListDefinition<?> || step instanceof RoutingSlipDefinition<?>
                || step instanceof ToDynamicDefinition && !(step instanceof WireTapDefinition<?>)
                || inner(step).stream().anyMatch(LossChecks::sends);
    }

    /** The steps within a step. */
    private static List<ProcessorDefinition<?>> inner(ProcessorDefinition<?> step) {
        if (!(step instanceof ChoiceDefinition choice)) {
            return step.getOutputs();
        }
        List<ProcessorDefinition<?>> steps = new ArrayList<>();
        choice.getWhenClauses().forEach(branch -> steps.addAll(branch.getOutputs()));
        if (choice.getOtherwise() != null) {
            steps.addAll(choice.getOtherwise().getOutputs());
        }
        return steps;
    }

    private static boolean isHarmless(ProcessorDefinition<?> step) {
        return HARMLESS.stream().anyMatch(kind -> kind.isInstance(step));
    }

    /** A queue is quick, since nobody waits for it here. */
    private boolean isQuick(ProcessorDefinition<?> step) {
        boolean inner = step instanceof FilterDefinition || step instanceof ChoiceDefinition;
        return isHarmless(step) || step instanceof StopDefinition || step instanceof BeanDefinition
                || Stream.of("spool:", "${bean:backups").anyMatch(uri(step)::startsWith)
                || inner && inner(step).stream().allMatch(this::isQuick);
    }

    /** Where a step sends the mail; empty when it does not. */
    private String uri(ProcessorDefinition<?> step) {
        return step instanceof SendDefinition<?> send ? name(send.getEndpointUri())
                : step instanceof ToDynamicDefinition dynamic && !(step instanceof WireTapDefinition<?>) ? name(dynamic.getUri()) : "";
    }

    private void require(Place place, Key check, boolean holds, String remedy) {
        if (!holds && settings.isChecked(check)) {
            problems.add(place + ": " + remedy + " (" + check.text() + "=false has it run as it is)");
        }
    }

    private static String id(ProcessorDefinition<?> step) {
        return step.getId() == null ? step.getShortName() : step.getId();
    }

    private String name(String uri) {
        return uri == null ? "" : RouteChecks.name(filled.apply(uri));
    }
}
