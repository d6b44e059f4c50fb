package traefik

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"formwork.example/conformance/internal/delivery"
)

var (
	selector = regexp.MustCompile(`\b(traefik_[a-z_]+)\{([^}]*)\}`)
	matcher  = regexp.MustCompile(`([a-z_]+)(=~|=)"((?:[^"\\]|\\.)*)"`)
	sample   = regexp.MustCompile(`^(traefik_[a-z_]+)\{(.*)\} `)
)

// compareMetrics takes every selector of Traefik's series in alerts, recordings and autoscalers and asks whether the series that
// Traefik really has after all these requests contain what it selects. Codes are left out: not every one has occurred.
func (proxy *proxy) compareMetrics(objects []delivery.Object) error {
	text, err := proxy.ask("/metrics")
	if err != nil {
		return err
	}
	series := seriesOf(string(text))
	tried := map[string]bool{}
	for _, object := range objects {
		if object.Address.Kind != "PrometheusRule" && object.Address.Kind != "ScaledObject" {
			continue
		}
		plain, err := json.Marshal(object.Content)
		if err != nil {
			return err
		}
		// Quotation marks of the expression are escaped in the text of the object.
		for _, found := range selector.FindAllStringSubmatch(strings.ReplaceAll(string(plain), `\"`, `"`), -1) {
			if tried[found[0]] {
				continue
			}
			tried[found[0]] = true
			proxy.result.Count("selectors of metrics", 1)
			if err := proxy.compareSelector(object, series, found[1], found[2]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (proxy *proxy) compareSelector(object delivery.Object, series map[string][]map[string]string, metric, conditions string) error {
	matching := series[metric]
	if len(matching) == 0 {
		proxy.result.Find("%s: traefik has no series %s", object.Path, metric)
		return nil
	}
	for _, condition := range matcher.FindAllStringSubmatch(conditions, -1) {
		if condition[1] == "code" {
			continue
		}
		text := condition[3]
		if condition[2] == "=" {
			text = regexp.QuoteMeta(text)
		}
		wanted, err := regexp.Compile("^(?:" + strings.ReplaceAll(text, `\\`, `\`) + ")$")
		if err != nil {
			proxy.result.Find("%s: %s{%s}: %v", object.Path, metric, conditions, err)
			return nil
		}
		var rest []map[string]string
		for _, labels := range matching {
			if wanted.MatchString(labels[condition[1]]) {
				rest = append(rest, labels)
			}
		}
		if len(rest) == 0 {
			proxy.result.Find("%s: %s{%s} selects nothing: of %d series none has %s as wanted, the first has %q",
				object.Path, metric, conditions, len(matching), condition[1], matching[0][condition[1]])
			return nil
		}
		matching = rest
	}
	return nil
}

// seriesOf reads Prometheus' text format.
func seriesOf(text string) map[string][]map[string]string {
	series := map[string][]map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		found := sample.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		labels := map[string]string{}
		for _, label := range matcher.FindAllStringSubmatch(found[2], -1) {
			labels[label[1]] = label[3]
		}
		series[found[1]] = append(series[found[1]], labels)
	}
	return series
}

// readLog looks for complaints in Traefik's log that the suite did not provoke, and for anything secret in its access log.
func (proxy *proxy) readLog() error {
	proxy.stop()
	text, err := os.ReadFile(proxy.log)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(text), "\n") {
		var entry struct {
			Level, Message, Error string
			RequestPath           string
		}
		if json.Unmarshal([]byte(line), &entry) != nil {
			continue
		}
		if entry.RequestPath != "" {
			proxy.result.Count("lines of the access log", 1)
			if strings.Contains(line, "next=1") || strings.Contains(line, cookie) {
				proxy.result.Find("traefik: its access log holds a query or a cookie: %s", line)
			}
			continue
		}
		switch {
		case provoked(line):
		case entry.Level == "warn":
			proxy.result.Note("traefik warns: %s", entry.Message)
		case entry.Level == "error", entry.Level == "fatal":
			proxy.result.Find("traefik: its log says: %s", line)
		}
	}
	return nil
}

// provoked says whether a complaint belongs to what the suite tries on purpose.
func provoked(line string) bool {
	return strings.Contains(line, "theft-") || strings.Contains(line, "request body over limit")
}

func get(address string) ([]byte, error) {
	client := &http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d", address, response.StatusCode)
	}
	return io.ReadAll(response.Body)
}
