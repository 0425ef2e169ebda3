/** The commands. Each parses its options, makes one call into the library, prints, and returns its exit status. */
package io.nattrail.cli;
