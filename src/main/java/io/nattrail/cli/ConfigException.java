package io.nattrail.cli;

/** The user's configuration is not valid. */
final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String remedy;

    ConfigException(String message, String remedy) {
        super(message);
        this.remedy = remedy;
    }

    /** What the user can do now. */
    String remedy() {
        return remedy;
    }
}
