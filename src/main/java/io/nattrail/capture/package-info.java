/** Capture files to frames: formats, compression, rotation, damage. */
package io.nattrail.capture;
