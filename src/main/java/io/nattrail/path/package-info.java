/** Path templates as data, what the captures could have shown, and the status of each step of a flow. */
package io.nattrail.path;
