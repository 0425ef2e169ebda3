package io.nattrail.deviation;

/**
 * What to check first of a deviation.
 *
 * @param check one of the checks of the deviation's type, or one that fits as well
 * @param cause the one of the type's causes that it is about; null where it is about the first or about all
 */
public record Advice(String check, String cause) {
    /** The same, with an address of another part of the flow in the pod's place. */
    Advice about(String place) {
        return new Advice(check.replace("{pod_ip}", place), cause);
    }
}
