package io.nattrail.path;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** Titles of steps: templates speak of Node-1 and Node-2, the flow's nodes have names. Each is made once. */
final class StepTitles {
    private final Map<Title, String> titles = new ConcurrentHashMap<>();

    private record Title(StepTemplate step, String entry, String target) {
        String text() {
            String title = entry == null ? step.title() : step.title().replace("Node-1", entry);
            // A pod on the entry node needs no such journey.
            title = target != null && target.equals(entry) ? title.replace(entry + " to Node-2", entry + " to another node") : title;
            return target == null ? title : title.replace("Node-2", target);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Title title && step == title.step && Objects.equals(entry, title.entry)
                    && Objects.equals(target, title.target);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(step) * 31 + Objects.hashCode(entry) * 7 + Objects.hashCode(target);
        }
    }

    String of(StepTemplate step, String entry, String target) {
        Title title = new Title(step, entry, target);
        // All but the first time it is there, and looking takes no lock.
        String text = titles.get(title);
        return text != null ? text : titles.computeIfAbsent(title, Title::text);
    }
}
