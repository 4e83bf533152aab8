# SPDX-License-Identifier: Apache-2.0
"""What `mesos` and `mesos_rs` are both made of; not for use by others."""
