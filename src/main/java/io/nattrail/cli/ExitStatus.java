package io.nattrail.cli;

/** What the process returns to the shell. */
final class ExitStatus {
    /** No deviation at or above {@code --fail-on}. */
    static final int OK = 0;
    /** Some deviation at or above {@code --fail-on}. */
    static final int DEVIATIONS = 1;
    /** Wrong usage, or input that cannot be read. */
    static final int USAGE = 2;
    /** A fault of the program itself. */
    static final int INTERNAL = 3;

    private ExitStatus() {
    }
}
