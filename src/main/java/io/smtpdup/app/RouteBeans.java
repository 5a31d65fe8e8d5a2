package io.smtpdup.app;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.apache.camel.CamelContext;

/** The beans that steps and expressions name: whether they are there, and can do what they are asked for. */
final class RouteBeans {

    private final CamelContext context;

    RouteBeans(CamelContext context) {
        this.context = context;
    }

    /**
     * What is wrong with a call.
     *
     * @param bean a name in the registry, or of a class
     * @param call the method, perhaps with its arguments; null when Camel chooses it
     */
    Optional<String> problem(String bean, String call) {
        if (isOpen(bean)) {
            return Optional.empty();
        }
        Object known = context.getRegistry().lookupByName(bean);
        Class<?> type = known != null ? known instanceof Class<?> named ? named : known.getClass()
                : context.getClassResolver().resolveClass(bean);
        if (type == null) {
            return Optional.of("there is no bean " + bean);
        }
        if (call == null || call.isBlank() || isOpen(call)) {
            return Optional.empty();
        }
        String method = call.replaceFirst("\\(.*", "").strip();
        List<Method> named = Arrays.stream(type.getMethods()).filter(one -> one.getName().equals(method)).toList();
        if (named.isEmpty()) {
            return Optional.of("the bean " + bean + " has no method " + method + similar(type, method));
        }
        int arguments = arguments(call);
        return arguments < 0 || named.stream().anyMatch(one -> one.getParameterCount() == arguments) ? Optional.empty()
                : Optional.of("no method " + method + " of the bean " + bean + " takes " + arguments + " arguments");
    }

    private static boolean isOpen(String text) {
        return text.contains("{{") || text.contains("${");
    }

    private static String similar(Class<?> type, String method) {
        return Stream.of(type.getMethods()).filter(one -> one.getDeclaringClass() != Object.class).map(Method::getName)
                .filter(name -> name.equalsIgnoreCase(method)).findFirst().map(name -> ", but " + name).orElse("");
    }

    /** How many a call has; -1 when it leaves them to Camel. */
    private static int arguments(String call) {
        int begin = call.indexOf('(');
        int end = call.lastIndexOf(')');
        if (begin < 0 || end < begin) {
            return -1;
        }
        String inner = call.substring(begin + 1, end);
        int count = inner.isBlank() ? 0 : 1;
        int depth = 0;
        char quote = 0;
        for (int i = 0; i < inner.length(); i++) {
            char c = inner.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '(' || c == '{') {
                depth++;
            } else if (c == ')' || c == '}') {
                depth--;
            } else if (c == ',' && depth == 0) {
                count++;
            }
        }
        return count;
    }
}
