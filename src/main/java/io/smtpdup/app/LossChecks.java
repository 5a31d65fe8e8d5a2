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
import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.FilterDefinition;
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
 * warn of. Each check has a key of its own by which an operator who knows better switches it off.
 */
final class LossChecks {

    private static final String CALLER = "#callerRuns";

    /** Steps that neither fail nor wait, as far as they are ours. */
    private static final List<Class<?>> HARMLESS = List.of(LogDefinition.class, SetHeaderDefinition.class, SetPropertyDefinition.class,
            RemoveHeaderDefinition.class, RemoveHeadersDefinition.class, StopDefinition.class, WireTapDefinition.class);

    private final Settings settings;

    /** Fills in what the settings say in the place of placeholders. */
    private final UnaryOperator<String> filled;

    /** Where taps go that the client's thread waits for. */
    private final Set<String> tapped = new LinkedHashSet<>();

    private final List<String> problems = new ArrayList<>();

    LossChecks(Settings settings, UnaryOperator<String> filled) {
        this.settings = settings;
        this.filled = filled;
    }

    /** To be called for every part of the routes before {@link #check} is for any. */
    void note(Object part) {
        if (part instanceof WireTapDefinition<?> tap && CALLER.equals(tap.getExecutorService())) {
            tapped.add(name(tap.getUri()));
        }
    }

    void check(Object part, Place place) {
        if (part instanceof RouteDefinition route) {
            String from = name(route.getInput().getEndpointUri());
            if (from.startsWith("smtp-server:")) {
                primary(route, place);
            } else if (tapped.contains(from)) {
                copies(route, place);
            }
        } else if (part instanceof OnExceptionDefinition failure) {
            handled(failure, place);
        }
    }

    /** Each with the file, the route, the step and the remedy. */
    List<String> problems() {
        return problems;
    }

    private void primary(RouteDefinition route, Place place) {
        List<ProcessorDefinition<?>> steps = route.getOutputs();
        int primary = -1;
        for (int i = 0; i < steps.size(); i++) {
            primary = steps.get(i) instanceof SendDefinition<?> step && name(step.getEndpointUri()).startsWith("smtp") ? i : primary;
        }
        if (primary < 0) {
            return; // it gives no mail to a primary, at least not in plain sight
        }
        require(place, Key.ROUTES_CHECK_ERROR_HANDLER, hasNoErrorHandler(route), "it needs errorHandler: {noErrorHandler: {}}, or"
                + " else a client does not hear what the primary says when it fails");
        if (settings.backups().isEmpty()) {
            return;
        }
        for (ProcessorDefinition<?> step : steps.subList(primary + 1, steps.size())) {
            if (step instanceof WireTapDefinition<?> tap && tapped.contains(name(tap.getUri()))) {
                return;
            }
            if (step instanceof WireTapDefinition<?> tap && name(tap.getUri()).equals("direct:copies")) {
                require(place, Key.ROUTES_CHECK_TAP, false, "its wireTap needs executorService: \"#callerRuns\", without which the client"
                        + " hears 250 before the copies are on disk");
                return;
            }
            require(place, Key.ROUTES_CHECK_TAP, isHarmless(step), "the step " + id(step) + " stands between the primary and the wireTap:"
                    + " if it fails the primary has a mail that no backup gets. Put it in front of the primary, or behind the tap");
        }
        require(place, Key.ROUTES_CHECK_TAP, false, "no wireTap with executorService: \"#callerRuns\" follows on the primary, so that no"
                + " backup gets a copy; add one to direct:copies");
    }

    private static boolean hasNoErrorHandler(RouteDefinition route) {
        ErrorHandlerFactory handler = route.getErrorHandler() != null ? route.getErrorHandler().getErrorHandlerType()
                : route.getErrorHandlerFactory();
        return handler instanceof NoErrorHandlerDefinition;
    }

    private void copies(RouteDefinition route, Place place) {
        List<ProcessorDefinition<?>> steps = route.getOutputs();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof RecipientListDefinition<?> queues) {
                require(place, Key.ROUTES_CHECK_COPIES, queues.getAggregationStrategy() != null, "the recipientList " + id(queues)
                        + " needs aggregationStrategy: \"#lostCopies\", without which a copy may be lost and nobody hears of it");
                require(place, Key.ROUTES_CHECK_COPIES, CALLER.equals(queues.getExecutorService())
                        || !Boolean.parseBoolean(queues.getParallelProcessing()), "the recipientList " + id(queues)
                        + " needs executorService: \"#callerRuns\"");
                for (ProcessorDefinition<?> behind : steps.subList(i + 1, steps.size())) {
                    require(place, Key.ROUTES_CHECK_WAITING, isQuick(behind), "the step " + id(behind) + " runs in the thread of the spool"
                            + " that all copies wait for: put it in front of " + id(queues)
                            + ", or into a route of its own that begins with direct:on-copy.<name>");
                }
            }
        }
    }

    private void handled(OnExceptionDefinition failure, Place place) {
        boolean ends = failure.getHandled() != null && failure.getHandled().getExpressionType() != null
                && !"false".equals(failure.getHandled().getExpressionType().getExpression());
        if (ends && (place.route().startsWith("configuration") || place.route().startsWith("template"))) {
            require(place, Key.ROUTES_CHECK_HANDLED, sends(failure), "it is handled, but no step sends the copy anywhere, so that it would be"
                    + " gone: add a step like toD: spool:dead.${exchangeProperty.backup}, or take handled away");
        }
    }

    private static boolean sends(ProcessorDefinition<?> step) {
        return step instanceof SendDefinition<?> || step instanceof RecipientListDefinition<?> || step instanceof RoutingSlipDefinition<?>
                || step instanceof ToDynamicDefinition && !(step instanceof WireTapDefinition<?>)
                || step.getOutputs().stream().anyMatch(LossChecks::sends);
    }

    private static boolean isHarmless(ProcessorDefinition<?> step) {
        return HARMLESS.stream().anyMatch(kind -> kind.isInstance(step));
    }

    /** A queue is quick, since nobody waits for it here. */
    private boolean isQuick(ProcessorDefinition<?> step) {
        String target = step instanceof SendDefinition<?> send ? send.getEndpointUri()
                : step instanceof ToDynamicDefinition dynamic ? dynamic.getUri() : null;
        boolean inner = step instanceof FilterDefinition || step instanceof ChoiceDefinition || step.getClass().getSimpleName().equals(
                "WhenDefinition") || step.getClass().getSimpleName().equals("OtherwiseDefinition");
        return isHarmless(step) || step instanceof BeanDefinition
                || target != null && Stream.of("spool:", "${bean:backups").anyMatch(filled.apply(target)::startsWith)
                || inner && step.getOutputs().stream().allMatch(this::isQuick);
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
        return uri == null ? "" : filled.apply(uri).replaceFirst("\\?.*", "").replace("://", ":");
    }
}
