package peers

import (
	"fmt"
	"testing"
)

func TestSelectorsOf(t *testing.T) {
	selectors, shared := selectorsOf(`100 * sum by (le, pod) (rate(a_total{service=~"x-[0-9a-f]+@y",code!="5"}[5m] offset 1h)) / on (pod) group_left max(b) > bool 5 and absent(c:d{})`)
	var names []string
	for _, selector := range selectors {
		names = append(names, selector.name(shared, "one"))
	}
	wanted := `[a_total{code="other-than-5",pod="one",service="x-0@y"} b{pod="one"} c:d{pod="one"}] [le pod]`
	if found := fmt.Sprint(names, shared); found != wanted {
		t.Errorf("found %s", found)
	}
}
