package io.smtpdup.app;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.model.Model;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;

/**
 * Goes through everything that the operator's files say: routes, templates also when no route is made of them,
 * configurations, and in them every step, branch, error handler and expression, wherever Camel lets one stand.
 */
final class RouteWalk {

    private static final String MODEL = "org.apache.camel.model.";

    private static final Map<Class<?>, List<Field>> FIELDS = new ConcurrentHashMap<>();

    /** Where in the files something stands, for an operator. */
    record Place(String file, int line, String route, String step) {

        private Place at(Object definition) {
            if (!(definition instanceof OptionalIdentifiedDefinition<?> node)) {
                return this;
            }
            String id = node.getId() == null ? node.getShortName() : node.getId();
            String begun = node instanceof RouteTemplateDefinition ? "template " + id
                    : node instanceof RouteConfigurationDefinition ? "configuration " + id
                    : node instanceof RouteDefinition && !route.startsWith("template ") ? "route " + id : null;
            return new Place(file, line, begun == null ? route : begun, begun == null ? step(node, id) : null).located(node);
        }

        private String step(OptionalIdentifiedDefinition<?> node, String id) {
            return node instanceof ProcessorDefinition || node.getId() != null ? id : step;
        }

        private Place located(OptionalIdentifiedDefinition<?> node) {
            String name = node.getLocation() == null ? file : node.getLocation().replaceFirst(".*[/:\\\\]", "");
            return new Place(name, node.getLineNumber() > 0 ? node.getLineNumber() : line, route, step);
        }

        @Override
        public String toString() {
            return (file == null ? "" : file + (line > 0 ? ":" + line : "") + ": ") + route
                    + (step == null ? "" : ", step " + step);
        }
    }

    private final BiConsumer<Object, Place> visitor;

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private RouteWalk(BiConsumer<Object, Place> visitor) {
        this.visitor = visitor;
    }

    /** Shows each part of the files to a visitor, which is told where it stands. */
    static void through(CamelContext context, BiConsumer<Object, Place> visitor) {
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        RouteWalk walk = new RouteWalk(visitor);
        List<NamedNode> all = new ArrayList<>(model.getRouteConfigurationDefinitions());
        all.addAll(model.getRouteTemplateDefinitions());
        all.addAll(model.getRouteDefinitions());
        all.forEach(one -> walk.visit(one, new Place(null, -1, "routes", null)));
    }

    private void visit(Object part, Place around) {
        if (part instanceof Collection<?> parts) {
            List.copyOf(parts).forEach(one -> visit(one, around));
        } else if (part != null && part.getClass().getName().startsWith(MODEL) && !part.getClass().isEnum() && seen.add(part)) {
            Place place = around.at(part);
            visitor.accept(part, place);
            FIELDS.computeIfAbsent(part.getClass(), RouteWalk::fields).forEach(field -> visit(value(field, part), place));
        }
    }

    private static List<Field> fields(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> one = type; one != null && one.getName().startsWith(MODEL); one = one.getSuperclass()) {
            for (Field field : one.getDeclaredFields()) {
                boolean part = !field.getType().isPrimitive() && field.getType() != String.class
                        && !Modifier.isStatic(field.getModifiers()) && !field.getName().equals("parent");
                if (part) {
                    field.setAccessible(true);
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    private static Object value(Field field, Object part) {
        try {
            return field.get(part);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
