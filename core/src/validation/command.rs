// SPDX-License-Identifier: Apache-2.0

//! Commands: their environment, and the secrets in it.
//!
//! No refusal ever quotes a value.

use mesos_proto::v1::{
    CommandInfo, Environment, Secret,
    environment::{Variable, variable},
    secret,
};

use super::{Invalid, ensure, ensure_with};

/// Checks a command.
///
/// # Errors
/// The first environment variable that is wrong.
pub fn validate(command: &CommandInfo) -> Result<(), Invalid> {
    command.environment.as_ref().map_or(Ok(()), environment)
}

/// Checks an environment.
///
/// # Errors
/// The first variable that is wrong.
pub fn environment(environment: &Environment) -> Result<(), Invalid> {
    environment.variables.iter().try_for_each(validate_variable)
}

fn validate_variable(variable: &Variable) -> Result<(), Invalid> {
    let refuse = |what: &str| format!("Environment variable '{}' {what}", variable.name);
    match variable.r#type() {
        variable::Type::Secret => {
            let Some(secret) = &variable.secret else {
                return Err(Invalid::new(refuse("of type 'SECRET' must have a secret set")));
            };
            ensure_with(variable.value.is_none(), || {
                refuse("of type 'SECRET' must not have a value set")
            })?;
            self::secret(secret).map_err(|error| {
                Invalid::new(refuse(&format!("specifies an invalid secret: {error}")))
            })?;
            let data = secret.value.as_ref().map_or(&[][..], |value| &value.data);
            ensure_with(!data.contains(&0), || {
                refuse(
                    "specifies a secret containing null bytes, which is not allowed \
                     in the environment",
                )
            })
        }
        variable::Type::Value => {
            ensure_with(variable.value.is_some(), || {
                refuse("of type 'VALUE' must have a value set")
            })?;
            ensure_with(variable.secret.is_none(), || {
                refuse("of type 'VALUE' must not have a secret set")
            })
        }
        variable::Type::Unknown => {
            Err(Invalid::new("Environment variable of type 'UNKNOWN' is not allowed"))
        }
    }
}

/// Checks that a secret has what its type says, and nothing else.
///
/// # Errors
/// What is missing or too much.
pub fn secret(secret: &Secret) -> Result<(), Invalid> {
    match secret.r#type() {
        secret::Type::Reference => {
            let Some(reference) = &secret.reference else {
                return Err(Invalid::new(
                    "Secret of type REFERENCE must have the 'reference' field set",
                ));
            };
            ensure_with(secret.value.is_none(), || {
                format!(
                    "Secret '{}' of type REFERENCE must not have the 'value' field set",
                    reference.name
                )
            })
        }
        secret::Type::Value => {
            ensure(secret.value.is_some(), "Secret of type VALUE must have the 'value' field set")?;
            ensure(
                secret.reference.is_none(),
                "Secret of type VALUE must not have the 'reference' field set",
            )
        }
        secret::Type::Unknown => Ok(()),
    }
}
