package io.nattrail.capture;

/**
 * A file yields nothing at all. Bad content inside a file that yields something is {@link Damage}, not an exception.
 *
 * <p>The message says where, what was found and nothing else; {@link #remedy} says what the user can do now, on a command line, and
 * {@link #remedyForSender} on a page to which files are sent.
 */
public final class UnreadableInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final String what;
    private final String remedy;
    private final String remedyForSender;

    /**
     * @param file the file as the user named it
     * @param offset byte where it stopped being readable, in the uncompressed stream; -1 of a folder, which has none
     * @param what what was found there: {@code starts with 2e 2f 63 6c, a tar archive, not a capture}
     * @param remedy what to do: {@code unpack it and name the folder: nattrail analyze DIR}
     */
    public UnreadableInputException(String file, long offset, String what, String remedy) {
        this(file, offset, what, remedy, remedy);
    }

    /** @param remedyForSender what to do for somebody who sent the file, and has no command line to name another one on */
    public UnreadableInputException(String file, long offset, String what, String remedy, String remedyForSender) {
        super(offset < 0 ? file + ": " + what : "%s: byte %d: %s".formatted(file, offset, what));
        this.file = file;
        this.offset = offset;
        this.what = what;
        this.remedy = remedy;
        this.remedyForSender = remedyForSender;
    }

    private UnreadableInputException(String message, String file, String what, String remedy) {
        super(message);
        this.file = file;
        this.offset = -1;
        this.what = what;
        this.remedy = remedy;
        this.remedyForSender = remedy;
    }

    /**
     * The same for a text file, where a line says more than a byte; {@link #offset} is -1.
     *
     * @param line from 1
     */
    public static UnreadableInputException atLine(String file, long line, String what, String remedy) {
        return new UnreadableInputException("%s: line %d: %s".formatted(file, line, what), file, what, remedy);
    }

    /** The same of a file that the user knows under another name. */
    public UnreadableInputException of(String name) {
        return new UnreadableInputException(name, offset, what, remedy, remedyForSender);
    }

    public String file() {
        return file;
    }

    public long offset() {
        return offset;
    }

    public String what() {
        return what;
    }

    public String remedy() {
        return remedy;
    }

    public String remedyForSender() {
        return remedyForSender;
    }
}
