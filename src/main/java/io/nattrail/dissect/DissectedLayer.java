package io.nattrail.dissect;

import java.util.List;

/** One header of a frame with its fields, from the outside in. */
public record DissectedLayer(String name, List<DissectedField> fields) {
    public DissectedLayer {
        fields = List.copyOf(fields);
    }
}
