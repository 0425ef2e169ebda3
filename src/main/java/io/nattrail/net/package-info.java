/** Values of the network: addresses, prefixes, endpoints, tuples, and how long things take. Immutable; no I/O. */
package io.nattrail.net;
