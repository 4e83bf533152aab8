// SPDX-License-Identifier: Apache-2.0

/**
 * What the Java library of mesos-rs has besides the classes of {@code org.apache.mesos:mesos}, whose
 * native methods it implements.
 */
package io.github.mesosrs;
