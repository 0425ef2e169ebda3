package io.nattrail.report;

import java.util.ArrayList;
import java.util.List;

/** A text of the catalogue, cut into what it says and the commands in it, so that a command can stand on a line of its own. */
final class Commands {
    /** A piece of the text, in its order; a command is without its backticks. */
    record Part(String text, boolean command) {
    }

    private final List<Part> parts = new ArrayList<>();
    private final StringBuilder prose = new StringBuilder();

    private Commands() {
    }

    /** One word or an option between backticks is no command: it stays in its sentence. */
    static List<Part> of(String text) {
        String[] pieces = text.split("`", -1);
        if (pieces.length % 2 == 0) {
            return List.of(new Part(text, false));
        }
        Commands commands = new Commands();
        boolean inBrackets = false;
        for (int i = 0; i < pieces.length; i++) {
            String piece = pieces[i];
            boolean quoted = i % 2 == 1;
            if (quoted && piece.indexOf(' ') > 0 && !piece.startsWith("-")) {
                inBrackets = commands.prose.toString().endsWith("(");
                if (inBrackets) {
                    commands.prose.setLength(commands.prose.length() - 1);
                }
                commands.endProse();
                commands.parts.add(new Part(piece, true));
            } else if (quoted) {
                commands.prose.append('`').append(piece).append('`');
            } else {
                commands.prose.append(inBrackets ? piece.replaceFirst("\\)", "") : piece);
                inBrackets = false;
            }
        }
        commands.endProse();
        return commands.parts;
    }

    /** What joined it to the command before is not needed any more. */
    private void endProse() {
        String said = prose.toString();
        prose.setLength(0);
        said = (parts.isEmpty() ? said : said.replaceFirst("^[.,;:]+(?=\\s|$)", "")).strip();
        if (!said.isEmpty()) {
            parts.add(new Part(said, false));
        }
    }
}
