package io.nattrail.cli;

import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A file that the user said to be of a point.
 *
 * @param name of the point
 * @param file {@code -} for standard input
 */
record PointFile(String name, Path file) {
    static final class Converter implements ITypeConverter<PointFile> {
        @Override
        public PointFile convert(String text) {
            int equals = text.indexOf('=');
            if (equals < 1 || equals == text.length() - 1) {
                throw new TypeConversionException("'" + text + "' is not NAME=FILE");
            }
            return new PointFile(text.substring(0, equals), FileNames.path(text.substring(equals + 1)));
        }
    }
}
