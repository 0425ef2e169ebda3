package io.nattrail.fuzz;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Damages files in the ways that find faults in parsers; the same seed gives the same damage. */
final class Mutator {
    private static final int[] LENGTHS = {0, 1, 3, 4, 7, 8, 12, 16, 20, 24, 28, 32, 60, 65_535, 65_536, 262_144, 262_145, 1 << 24,
            (1 << 24) + 4, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, -4};
    private static final int MOST_CHANGES = 6;

    private final SplittableRandom random;

    Mutator(long seed) {
        random = new SplittableRandom(seed);
    }

    /** A damaged copy; pieces of {@code other} may come into it. */
    byte[] mutate(byte[] file, byte[] other) {
        byte[] result = file.clone();
        int changes = 1 + random.nextInt(MOST_CHANGES);
        for (int i = 0; i < changes; i++) {
            result = change(result, other);
        }
        return result;
    }

    private byte[] change(byte[] file, byte[] other) {
        if (file.length == 0) {
            return other.clone();
        }
        // Headers matter most, and most of them lie near the beginning of a file.
        int at = random.nextInt(random.nextBoolean() ? file.length : Math.min(file.length, 256));
        switch (random.nextInt(9)) {
            case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> file[at] = (byte) random.nextInt(256);
            case 2, 3 -> number(file, at & ~1, LENGTHS[random.nextInt(LENGTHS.length)], random.nextBoolean());
            case 4 -> number(file, at, random.nextInt(), random.nextBoolean());
            case 5 -> {
                return Arrays.copyOf(file, at);
            }
            case 6 -> {
                return insert(file, at, Arrays.copyOfRange(other, 0, random.nextInt(Math.min(other.length, 4096) + 1)));
            }
            case 7 -> {
                int length = random.nextInt(Math.min(file.length - at, 4096) + 1);
                return insert(file, at, Arrays.copyOfRange(file, at, at + length));
            }
            default -> {
                int length = random.nextInt(Math.min(file.length - at, 64) + 1);
                byte[] shorter = Arrays.copyOf(file, file.length - length);
                System.arraycopy(file, at + length, shorter, at, file.length - at - length);
                return shorter;
            }
        }
        return file;
    }

    private static void number(byte[] file, int at, int value, boolean little) {
        for (int i = 0; i < 4 && at + i < file.length; i++) {
            file[at + i] = (byte) (value >>> (little ? 8 * i : 24 - 8 * i));
        }
    }

    private static byte[] insert(byte[] file, int at, byte[] piece) {
        byte[] longer = Arrays.copyOf(file, file.length + piece.length);
        System.arraycopy(piece, 0, longer, at, piece.length);
        System.arraycopy(file, at, longer, at + piece.length, file.length - at);
        return longer;
    }
}
