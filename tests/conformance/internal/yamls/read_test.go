package yamls

import "testing"

func TestReadersAgree(t *testing.T) {
	for _, text := range []string{
		"a: {b: [1, 2.5, true, null, text]}",
		"a: \"no\"\nb: '0644'\nc: |\n  yes\n",
		"a: 2026a\nb: 1.2.3\nc: v1\n",
	} {
		if difference := Disagreement([]byte(text)); difference != "" {
			t.Errorf("%q: %s", text, difference)
		}
	}
}

func TestReadersDisagree(t *testing.T) {
	for _, text := range []string{
		"list_db: no", "a: on", "y: text", "mode: 0644", "a: 0b11", "a: 1_000", "a: .inf",
		"a: &one text\nb: *one", "a: 1\na: 2", "a: !!str 1", "<<: {a: 1}",
	} {
		if Disagreement([]byte(text)) == "" {
			t.Errorf("%q is read alike", text)
		}
	}
}
