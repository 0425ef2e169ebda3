package io.nattrail.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.TypeConversionException;

/**
 * Files as the command line names them. A name is bytes to the system and letters to Java: bytes that are no letters in the user's encoding
 * arrive as U+FFFD, and the name leads nowhere any more. The folder still lists it, and it looks the same there.
 */
final class FileNames {
    /** Of an empty name. To Java it is the current folder, to the user a variable that was not set. */
    static final String NAMELESS = "a file or folder without a name; . is the current folder";

    private static final char UNREADABLE = '\ufffd';

    private FileNames() {
    }

    static Path path(String text) {
        if (text.isEmpty()) {
            throw new TypeConversionException(NAMELESS);
        }
        Path path = Path.of(text);
        if (text.indexOf(UNREADABLE) < 0 || Files.exists(path)) {
            return path;
        }
        Path found = path.isAbsolute() ? path.getRoot() : Path.of("");
        for (Path name : path) {
            found = found.resolve(name.toString().indexOf(UNREADABLE) < 0 ? name : listed(found, name));
        }
        return found;
    }

    /** The one name in the folder that looks like this; the name as it is if there is none, or more than one. */
    private static Path listed(Path folder, Path name) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> alike = files.map(Path::getFileName).filter(file -> file.toString().equals(name.toString())).limit(2).toList();
            return alike.size() == 1 ? alike.get(0) : name;
        } catch (IOException e) {
            // Then it is opened under the name that was given, and that error is reported.
            return name;
        }
    }
}
