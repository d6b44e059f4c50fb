//! The manifests around the examples of pages about pods.
//!
//! A page shows the lines that matter; these macros put the rest of a whole manifest round them.

/// A Pod with a container, from the lines of its `spec` below the container.
macro_rules! pod {
    ($spec:literal) => {
        concat!(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: odoo, namespace: hartmann-bau-production}\nspec:\n",
            "  containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]\n",
            $spec
        )
    };
}

/// A Pod, from the lines of its container below the image.
macro_rules! container {
    ($container:literal) => {
        container!($container, "")
    };
    ($container:literal, $spec:literal) => {
        concat!(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: odoo, namespace: hartmann-bau-production}\nspec:\n",
            $spec,
            "  containers:\n  - name: odoo\n    image: registry.example/odoo:18.0\n",
            $container
        )
    };
}

pub(super) use {container, pod};
