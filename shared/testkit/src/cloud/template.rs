//! Reads `template.yaml`, with CloudFormation's short tags (`!Ref X` becomes `{"Ref": "X"}`).

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

use super::emulator::project_root;

/// A CloudFormation template as JSON.
#[derive(Clone, Debug)]
pub struct Template(Value);

impl Template {
    /// The project's own `template.yaml`.
    ///
    /// # Panics
    /// When it is missing or no YAML.
    #[must_use]
    pub fn of_project() -> Self {
        let path = project_root().join("template.yaml");
        let text = std::fs::read_to_string(&path).expect("template.yaml can be read");
        Self::parse(&text)
    }

    /// Parses the text of a template.
    ///
    /// # Panics
    /// When it is no YAML document.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let documents = Yaml::load_from_str(text).expect("the template is YAML");
        Self(to_json(
            documents.first().expect("the template has a document"),
        ))
    }

    /// Logical id and properties of every resource of a type such as `AWS::SQS::Queue`.
    pub fn resources(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        let resources = self.0.get("Resources").and_then(Value::as_object);
        resources
            .into_iter()
            .flatten()
            .filter(move |(_, resource)| resource.get("Type").and_then(Value::as_str) == Some(kind))
            .filter_map(|(id, resource)| Some((id.as_str(), resource.get("Properties")?)))
    }
}

fn to_json(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(scalar) => scalar_to_json(scalar),
        Yaml::Representation(text, ..) => Value::from(text.as_ref()),
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| (key_text(key), to_json(value)))
                .collect::<Map<_, _>>(),
        ),
        Yaml::Tagged(tag, inner) => intrinsic(&tag.suffix, &to_json(inner)),
        Yaml::Alias(_) | Yaml::BadValue => Value::Null,
    }
}

fn scalar_to_json(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::from(*value),
        Scalar::Integer(value) => Value::from(*value),
        Scalar::FloatingPoint(value) => Value::from(value.into_inner()),
        Scalar::String(value) => Value::from(value.as_ref()),
    }
}

fn key_text(key: &Yaml<'_>) -> String {
    match to_json(key) {
        Value::String(text) => text,
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other.to_string(),
        Value::Array(_) | Value::Object(_) => panic!("a key of the template is not a scalar"),
    }
}

/// The long form of a short tag. `!GetAtt A.B` names its attribute after the first dot.
fn intrinsic(name: &str, argument: &Value) -> Value {
    match name {
        "Ref" | "Condition" => json!({ name: argument }),
        "GetAtt" => match argument.as_str().and_then(|text| text.split_once('.')) {
            Some((resource, attribute)) => json!({ "Fn::GetAtt": [resource, attribute] }),
            None => json!({ "Fn::GetAtt": argument }),
        },
        other => json!({ format!("Fn::{other}"): argument }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_become_long_functions() {
        let template = Template::parse(
            "Resources:\n  A:\n    Type: T\n    Properties:\n      R: !Ref B\n      G: !GetAtt C.Arn\n      \
             S: !Sub \"${B}-x\"\n      I: !If [Q, 1, true]\n",
        );
        let (id, properties) = template.resources("T").next().expect("one resource");
        assert_eq!(id, "A");
        assert_eq!(
            *properties,
            json!({
                "R": {"Ref": "B"},
                "G": {"Fn::GetAtt": ["C", "Arn"]},
                "S": {"Fn::Sub": "${B}-x"},
                "I": {"Fn::If": ["Q", 1, true]},
            })
        );
    }
}
