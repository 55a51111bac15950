package io.tsdash.observability;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

/** Lets several hear what is told to one listener. */
public final class Listeners {
    private Listeners() {}

    /**
     * Returns a listener that tells each of these, in this order, on the caller's thread. A call costs some 50 ns and an array
     * for its arguments: right for what happens once a batch, too dear for each event. Thread-safe if they are.
     *
     * @param type an interface whose methods return nothing
     * @param all who hear
     */
    public static <L> L join(Class<L> type, List<? extends L> all) {
        List<L> each = List.copyOf(all);
        InvocationHandler tell = (joined, method, arguments) -> {
            if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                    case "equals" -> joined == arguments[0];
                    case "hashCode" -> System.identityHashCode(joined);
                    default -> each.toString();
                };
            }
            for (L listener : each) {
                try {
                    method.invoke(listener, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            }
            return null;
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, tell));
    }
}
