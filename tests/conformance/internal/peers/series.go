package peers

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// selected is one selector of an expression: a metric and the labels that make a series match it.
type selected struct {
	metric string
	labels map[string]string
}

var (
	token = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|`[^`]*`|[a-zA-Z_:][a-zA-Z0-9_:]*|[0-9][0-9a-zA-Z.]*|=~|!~|!=|==|>=|<=|.")
	// words are those of the language that are no metrics and no functions.
	words    = []string{"and", "or", "unless", "bool", "offset", "start", "end", "inf", "nan", "Inf", "NaN"}
	grouping = []string{"by", "without", "on", "ignoring", "group_left", "group_right"}
)

// selectorsOf reads the selectors of an expression and the labels that it groups and matches by.
func selectorsOf(expression string) (selectors []selected, shared []string) {
	var tokens []string
	for _, found := range token.FindAllString(strings.ReplaceAll(expression, "\n", " "), -1) {
		if found != " " {
			tokens = append(tokens, found)
		}
	}
	at := func(position int) string {
		if position < len(tokens) {
			return tokens[position]
		}
		return ""
	}
	for position := 0; position < len(tokens); position++ {
		word := tokens[position]
		switch {
		case slices.Contains(grouping, word) && at(position+1) == "(":
			for position += 2; at(position) != ")" && at(position) != ""; position++ {
				if at(position) != "," && !slices.Contains(shared, at(position)) {
					shared = append(shared, at(position))
				}
			}
		case !isName(word), slices.Contains(words, word), slices.Contains(grouping, word):
		case at(position+1) == "(", aggregates(tokens, position):
		default:
			found := selected{metric: word, labels: map[string]string{}}
			if at(position+1) == "{" {
				for position += 2; at(position) != "}" && at(position) != ""; position++ {
					if isName(at(position)) {
						found.labels[at(position)] = matching(at(position+1), strings.Trim(at(position+2), "\"'`"))
						position += 2
					}
				}
			}
			if at(position+1) == "[" {
				for at(position) != "]" && at(position) != "" {
					position++
				}
			}
			selectors = append(selectors, found)
		}
	}
	return selectors, shared
}

// aggregates says whether a word is an aggregation whose labels come first: `sum by (le) (…)`.
func aggregates(tokens []string, position int) bool {
	return position+1 < len(tokens) && (tokens[position+1] == "by" || tokens[position+1] == "without")
}

func isName(word string) bool {
	return regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`).MatchString(word)
}

// matching returns a value that a matcher takes.
func matching(operator, value string) string {
	switch operator {
	case "=":
		return value
	case "=~":
		parsed, err := syntax.Parse(strings.ReplaceAll(value, `\\`, `\`), syntax.Perl)
		if err != nil {
			return value
		}
		return example(parsed)
	default:
		return "other-than-" + value
	}
}

// example returns a short text that an expression matches.
func example(expression *syntax.Regexp) string {
	switch expression.Op {
	case syntax.OpLiteral:
		return string(expression.Rune)
	case syntax.OpCharClass:
		return string(expression.Rune[0])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "0"
	case syntax.OpPlus, syntax.OpCapture, syntax.OpAlternate:
		return example(expression.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(example(expression.Sub[0]), expression.Min)
	case syntax.OpConcat:
		var text string
		for _, part := range expression.Sub {
			text += example(part)
		}
		return text
	default:
		return ""
	}
}

// name is the series that the selector selects, with a value for every label that the expression shares.
func (selector selected) name(shared []string, value string, more ...string) string {
	labels := more
	for _, label := range shared {
		if _, given := selector.labels[label]; !given && label != "le" {
			labels = append(labels, fmt.Sprintf("%s=%q", label, value))
		}
	}
	for label, value := range selector.labels {
		labels = append(labels, fmt.Sprintf("%s=%q", label, value))
	}
	slices.Sort(labels)
	return selector.metric + "{" + strings.Join(labels, ",") + "}"
}
