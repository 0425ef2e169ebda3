package io.nattrail.assertj;

/**
 * A step of the path.
 *
 * @param number e.g. {@code 1.2.1} or {@code 2.0}
 */
public record StepNumber(String number) {
    public StepNumber {
        if (!number.matches("[0-9]+(\\.[0-9]+)+")) {
            throw new IllegalArgumentException("'" + number + "' is no step such as 1.5 or 2.0");
        }
    }

    @Override
    public String toString() {
        return number;
    }
}
