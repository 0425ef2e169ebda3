package io.nattrail.batch;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One case of a batch.
 *
 * @param name unique in the batch; parts are separated by {@code /}
 * @param folder name of the folder for its reports; unique also on file systems that do not tell capitals from small letters
 * @param inputs folders and files whose points are to be concluded
 * @param points files by the name of the point they were said to be
 */
public record BatchCase(String name, String folder, List<Path> inputs, Map<String, List<Path>> points) {
    public BatchCase {
        if (!folder.matches("[A-Za-z0-9_+=@%,-][A-Za-z0-9._+=@%,-]*")) {
            throw new IllegalArgumentException("no name for a folder: " + folder);
        }
        if (inputs.isEmpty() && points.isEmpty()) {
            throw new IllegalArgumentException("case " + name + " has no files");
        }
        inputs = List.copyOf(inputs);
        Map<String, List<Path>> copy = new LinkedHashMap<>();
        points.forEach((point, files) -> copy.put(point, List.copyOf(files)));
        points = Collections.unmodifiableMap(copy);
    }
}
