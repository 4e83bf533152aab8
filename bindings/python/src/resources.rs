// SPDX-License-Identifier: Apache-2.0

//! The algebra of resources for `mesos_rs.Resources`.
//!
//! A collection crosses as a list of serialized `mesos.v1.Resource`s.

use mesos_core::resources::Resources;
use mesos_proto::v1::Resource;
use prost::Message;
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyBytes, PyList, PyModule},
};

/// Adds the class.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ResourceAlgebra>()
}

/// A collection of resources that cannot be changed.
#[pyclass(module = "_mesos_rs._native", name = "Resources", frozen)]
struct ResourceAlgebra(Resources);

fn refused(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

#[pymethods]
impl ResourceAlgebra {
    /// From serialized `mesos.v1.Resource`s, all of which must be valid.
    #[new]
    fn new(resources: Vec<PyBackedBytes>) -> PyResult<Self> {
        let read = |bytes: &PyBackedBytes| mesos_proto::decode::<Resource>(bytes).map_err(refused);
        let resources: Vec<Resource> = resources.iter().map(read).collect::<PyResult<_>>()?;
        Ok(ResourceAlgebra(Resources::validated(&resources).map_err(refused)?))
    }

    #[staticmethod]
    fn parse(text: &str, role: &str) -> PyResult<Self> {
        Ok(ResourceAlgebra(Resources::parse(text, role).map_err(refused)?))
    }

    fn serialized<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let resources = self.0.to_proto();
        PyList::new(py, resources.iter().map(|it| PyBytes::new(py, &it.encode_to_vec())))
    }

    fn add(&self, other: &Self) -> Self {
        ResourceAlgebra(&self.0 + &other.0)
    }

    fn subtract(&self, other: &Self) -> Self {
        ResourceAlgebra(&self.0 - &other.0)
    }

    fn contains(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }

    fn find(&self, other: &Self) -> Option<Self> {
        self.0.find(&other.0).map(ResourceAlgebra)
    }

    fn allocated(&self, role: &str) -> Self {
        ResourceAlgebra(self.0.allocated(role))
    }

    fn unallocated(&self) -> Self {
        ResourceAlgebra(self.0.unallocated())
    }

    fn equals(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn text(&self) -> String {
        self.0.to_string()
    }
}
