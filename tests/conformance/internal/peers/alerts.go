package peers

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/programs"
	"formwork.example/conformance/internal/report"
)

// behaviours are how a series may go, in the words of promtool; absent is not to be there.
var behaviours = []string{"", "0x%d", "1x%d", "1000000000x%d", "0+60x%d", "1000000000-2000000x%d", "-1000000x%d", "0x400 1+100x80"}

const (
	// minutes is how long the series are: longer than any range of our expressions.
	minutes = 7 * 60
	// attempts is how many sets of series are made for one expression.
	attempts = 120
)

// Alerts has promtool evaluate every alert and recording over made series: each must be computed without error whatever the
// series do, and an alert must fire over some of them and be silent over others.
func Alerts(root, work string, result *report.Report) error {
	promtool := programs.Find("promtool", "evaluation of alerts", result)
	if promtool == "" {
		return nil
	}
	objects, err := environments(root)
	if err != nil {
		return err
	}
	folder := filepath.Join(work, "alerts")
	if err := programs.EmptyFolder(folder); err != nil {
		return err
	}
	// Environments differ in names alone, so an expression without its environment's name is tried once.
	tried := map[string]bool{}
	for _, object := range objects {
		if object.Address.Kind != "PrometheusRule" {
			continue
		}
		for _, rule := range rulesOf(object) {
			result.Count("rules", 1)
			expression, _ := rule["expr"].(string)
			general := strings.ReplaceAll(expression, object.Address.Namespace, "ENVIRONMENT")
			if tried[general] {
				continue
			}
			tried[general] = true
			if err := evaluate(promtool, folder, len(tried), object, rule, result); err != nil {
				return err
			}
		}
	}
	return nil
}

func rulesOf(object delivery.Object) []map[string]any {
	var rules []map[string]any
	groups, _ := object.Value("spec", "groups").([]any)
	for _, group := range groups {
		fields, _ := group.(map[string]any)
		items, _ := fields["rules"].([]any)
		for _, item := range items {
			if rule, isMap := item.(map[string]any); isMap {
				rules = append(rules, rule)
			}
		}
	}
	return rules
}

// evaluate asks for the value of one expression over many sets of series in one file of tests that expect nothing: whatever
// fires is then told as a difference.
func evaluate(promtool, folder string, number int, object delivery.Object, rule map[string]any, result *report.Report) error {
	expression, _ := rule["expr"].(string)
	alert, isAlert := rule["alert"].(string)
	selectors, shared := selectorsOf(expression)
	if len(selectors) == 0 {
		result.Find("%s: no metric in %q", object.Path, expression)
		return nil
	}
	var tests []any
	for _, series := range combinations(selectors, shared) {
		tests = append(tests, map[string]any{
			"interval": "1m", "input_series": series,
			"promql_expr_test": []any{map[string]any{"expr": expression, "eval_time": fmt.Sprintf("%dm", minutes)}},
		})
	}
	text, err := json.Marshal(map[string]any{"evaluation_interval": "1m", "tests": tests})
	if err != nil {
		return err
	}
	file := filepath.Join(folder, fmt.Sprintf("%03d.yaml", number))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	// An exit code of 1 is what is expected here; the text says whether anything is wrong.
	output, _ := exec.Command(promtool, "test", "rules", file).CombinedOutput()
	told := string(output)
	result.Count("expressions evaluated", 1)
	result.Count("sets of series", len(tests))
	fired := strings.Count(told, "got:") - strings.Count(told, "got:\n") - strings.Count(told, "got: nil")
	errors := strings.Count(told, "err: ")
	switch {
	case errors > 0:
		line := told[strings.Index(told, "err: "):]
		line, _, _ = strings.Cut(line, "\n")
		result.Find("%s: %s: %d of %d evaluations fail: %s", object.Path, title(rule), errors, len(tests), line)
	case !strings.Contains(told, "FAILED") && !strings.Contains(told, "SUCCESS"):
		result.Find("%s: %s: promtool: %.300s", object.Path, title(rule), told)
	case isAlert && fired == 0:
		result.Find("%s: %s fires over none of %d sets of series: %s", object.Path, alert, len(tests), expression)
	case isAlert && fired == len(tests):
		result.Find("%s: %s fires over all of %d sets of series: %s", object.Path, alert, len(tests), expression)
	case isAlert:
		result.Count("alerts that fire and are silent", 1)
	}
	return nil
}

func title(rule map[string]any) string {
	for _, key := range []string{"alert", "record"} {
		if name, present := rule[key].(string); present {
			return name
		}
	}
	return "a rule"
}

// combinations gives each selector each behaviour, all of them where they are few and drawn ones otherwise.
func combinations(selectors []selected, shared []string) [][]any {
	unique := map[string]selected{}
	var names []string
	for _, selector := range selectors {
		name := selector.name(shared, "one")
		if _, known := unique[name]; !known {
			names = append(names, name)
		}
		unique[name] = selector
	}
	total := 1
	for range names {
		total = min(total*len(behaviours), 1<<30)
	}
	source := rand.New(rand.NewPCG(1, 1))
	var sets [][]any
	for number := range min(total, attempts) {
		if total > attempts {
			number = source.IntN(total)
		}
		var series []any
		for _, name := range names {
			series = append(series, seriesOf(unique[name], shared, behaviours[number%len(behaviours)])...)
			number /= len(behaviours)
		}
		sets = append(sets, series)
	}
	return sets
}

// seriesOf makes the series of one selector, for two of whatever the expression tells apart.
func seriesOf(selector selected, shared []string, behaviour string) []any {
	if behaviour == "" {
		return nil
	}
	values := behaviour
	if strings.Contains(behaviour, "%d") {
		values = fmt.Sprintf(behaviour, minutes+60)
	}
	var series []any
	for _, whose := range []string{"one", "two"} {
		if !strings.HasSuffix(selector.metric, "_bucket") {
			series = append(series, map[string]string{"series": selector.name(shared, whose), "values": values})
			continue
		}
		for _, bound := range []string{"0.1", "1", "10", "+Inf"} {
			counted := values
			if bound == "0.1" || bound == "1" {
				counted = fmt.Sprintf("0x%d", minutes+60)
			}
			series = append(series, map[string]string{"series": selector.name(shared, whose, fmt.Sprintf("le=%q", bound)), "values": counted})
		}
	}
	return slices.CompactFunc(series, func(one, other any) bool { return fmt.Sprint(one) == fmt.Sprint(other) })
}
