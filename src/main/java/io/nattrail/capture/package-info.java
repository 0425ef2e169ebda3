/**
 * Capture files to frames: formats, compression, rotation, damage; and writing pcapng.
 *
 * <p>{@link io.nattrail.capture.CaptureReader} is the way in. Below it {@code Feed} holds the decompressed bytes in one buffer, and a
 * {@code RecordReader} for each {@code CaptureFormat} walks the records in it. Damage ends a file, never the program.
 */
package io.nattrail.capture;
