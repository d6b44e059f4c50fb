//! What an expression may refer to.
//!
//! Names are declared once; a name with dots, such as `variables.image`, is one variable.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::types::Type;

/// The fields of objects, by name; shared, since declarations of whole kinds are long.
pub(super) type Objects = Arc<BTreeMap<Arc<str>, Arc<BTreeMap<Arc<str>, Type>>>>;

/// The variables and the objects that expressions know.
#[derive(Debug, Clone, Default)]
pub struct Declarations {
    variables: BTreeMap<Arc<str>, Type>,
    objects: Objects,
}

impl Declarations {
    /// Starts with nothing but the language.
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a variable.
    #[must_use]
    pub fn variable(mut self, name: &str, of: Type) -> Self {
        self.variables.insert(name.into(), of);
        self
    }

    /// Declares the fields of a type of objects.
    #[must_use]
    pub fn object<'n>(mut self, name: &str, fields: impl IntoIterator<Item = (&'n str, Type)>) -> Self {
        let fields: BTreeMap<Arc<str>, Type> = fields.into_iter().map(|(field, of)| (field.into(), of)).collect();
        Arc::make_mut(&mut self.objects).insert(name.into(), fields.into());
        self
    }

    /// Returns the type of the library's `authorizer`.
    pub fn authorizer() -> Type {
        Type::object("kubernetes.authorization.Authorizer")
    }

    /// Returns the type of `authorizer.requestResource`.
    pub fn request_resource() -> Type {
        Type::object("kubernetes.authorization.ResourceCheck")
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &Type)> {
        self.variables.iter().map(|(name, of)| (&**name, of))
    }

    pub(super) fn variable_type(&self, name: &str) -> Option<&Type> {
        self.variables.get(name)
    }

    pub(super) fn field(&self, object: &str, field: &str) -> Option<&Type> {
        self.objects.get(object)?.get(field)
    }

    pub(super) fn fields(&self, object: &str) -> impl Iterator<Item = &str> {
        self.objects
            .get(object)
            .into_iter()
            .flat_map(|fields| fields.keys())
            .map(|field| &**field)
    }

    pub(super) fn objects(&self) -> &Objects {
        &self.objects
    }
}
