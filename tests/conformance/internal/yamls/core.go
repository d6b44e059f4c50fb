package yamls

import (
	"fmt"
	"regexp"
	"strconv"

	newer "go.yaml.in/yaml/v3"
)

// The plain scalars of the core schema, YAML 1.2.2 §10.3.2; whatever matches none of them is text.
var (
	nothing = regexp.MustCompile(`^(~|null|Null|NULL|)$`)
	truth   = regexp.MustCompile(`^(true|True|TRUE)$`)
	untruth = regexp.MustCompile(`^(false|False|FALSE)$`)
	decimal = regexp.MustCompile(`^[-+]?[0-9]+$`)
	octal   = regexp.MustCompile(`^0o[0-7]+$`)
	hex     = regexp.MustCompile(`^0x[0-9a-fA-F]+$`)
	float   = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	special = regexp.MustCompile(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

// coreValue resolves a parsed document by the core schema alone; it merges no `<<` and accepts no alias or tag, none of which
// belongs into emitted files.
func coreValue(node *newer.Node) (any, error) {
	if node.Style&newer.TaggedStyle != 0 || node.Anchor != "" {
		return nil, fmt.Errorf("line %d: a tag or an anchor", node.Line)
	}
	switch node.Kind {
	case newer.DocumentNode:
		return coreValue(node.Content[0])
	case newer.MappingNode:
		fields := map[string]any{}
		for index := 0; index < len(node.Content); index += 2 {
			key, err := coreValue(node.Content[index])
			if err != nil {
				return nil, err
			}
			name, isText := key.(string)
			if !isText {
				return nil, fmt.Errorf("line %d: the key %v is no text", node.Content[index].Line, key)
			}
			if _, twice := fields[name]; twice {
				return nil, fmt.Errorf("line %d: the key %s stands twice", node.Content[index].Line, name)
			}
			if fields[name], err = coreValue(node.Content[index+1]); err != nil {
				return nil, err
			}
		}
		return fields, nil
	case newer.SequenceNode:
		items := make([]any, len(node.Content))
		for index, inner := range node.Content {
			var err error
			if items[index], err = coreValue(inner); err != nil {
				return nil, err
			}
		}
		return items, nil
	case newer.ScalarNode:
		if node.Style != 0 {
			return node.Value, nil
		}
		return plainScalar(node.Value)
	}
	return nil, fmt.Errorf("line %d: an alias", node.Line)
}

func plainScalar(text string) (any, error) {
	switch {
	case nothing.MatchString(text):
		return nil, nil
	case truth.MatchString(text):
		return true, nil
	case untruth.MatchString(text):
		return false, nil
	case decimal.MatchString(text), float.MatchString(text):
		return strconv.ParseFloat(text, 64)
	case octal.MatchString(text):
		number, err := strconv.ParseUint(text[2:], 8, 64)
		return float64(number), err
	case hex.MatchString(text):
		number, err := strconv.ParseUint(text[2:], 16, 64)
		return float64(number), err
	case special.MatchString(text):
		return nil, fmt.Errorf("%s has no counterpart in JSON", text)
	}
	return text, nil
}
