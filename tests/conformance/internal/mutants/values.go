package mutants

import (
	"math/rand/v2"
	"regexp"
	"strings"
)

// wrongValue puts a value that is near the right one, or far off.
func wrongValue(site site, _ pool, random *rand.Rand) string {
	var values []any
	switch value := site.value.(type) {
	case float64:
		values = []any{-1.0, 0.0, 1.0, 2.0, 1.5, 65535.0, 65536.0, 2147483647.0, 2147483648.0, 9007199254740992.0, 1e30, value + 1, -value,
			"1", "50%", "-1"}
	case string:
		values = textsFor(site, value)
	case bool:
		values = []any{!value, "true", "yes", 1.0}
	}
	if len(values) == 0 {
		return ""
	}
	value := values[random.IntN(len(values))]
	if value == site.value {
		return ""
	}
	site.set(value)
	return "set " + site.path + " to " + short(value)
}

// A family is a syntax, recognised by what stands there, and texts that break it or only just keep it.
type family struct {
	name    string
	matches *regexp.Regexp
	texts   []string
}

var families = []family{
	{"quantity", regexp.MustCompile(`^[0-9.]+(m|k|[KMGTP]i?|e[0-9]+)?$`), []string{
		"10Zi", "1.5", "-1", "0", "1g", "1MB", "1K", "1e3", "1e", "1 Gi", "Gi", ".5", "1.", "100%", "0.0001", "1n", "500m", "1.5Gi", "9Ei",
		"99999999999999999999", "-500m", "+1", "1e3m", "0x10", "1,5",
	}},
	{"duration", regexp.MustCompile(`^([0-9.]+(ns|us|ms|s|m|h|d))+$`), []string{
		"1", "1d", "-1s", "0s", "1.5h", "1h 30m", "5x", "s", "1H", "1000000h", "1m30s", "1w", "1y", "90", "1ms",
	}},
	{"cron", regexp.MustCompile(`^[0-9*/,-]+( [A-Za-z0-9*/,-]+){4,5}$`), []string{
		"60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "* * * *", "0 * * * * *", "@daily", "@often", "@every 5m",
		"TZ=Europe/Berlin 0 3 * * *", "*/0 * * * *", "5-1 * * * *", "0 0 L * *", "0 0 * JAN MON", "a * * * *", "0 3 * * 7", "0 0 0 1 1 *",
		"@every 1", " 0 3 * * *", "0  3 * * *", "*/90 * * * *", "1,2,,3 * * * *",
	}},
	{"address", regexp.MustCompile(`^([0-9]+\.){3}[0-9]+(/[0-9]+)?$|^[0-9a-f]*:[0-9a-f:]*(/[0-9]+)?$`), []string{
		"10.0.0.0/33", "10.0.0.1/8", "10.0.0.0", "10.0.0/8", "010.0.0.0/8", "256.0.0.0/8", "::/0", "fd00::/129", "fd00::1", "0.0.0.0/0",
		"10.0.0.0/-1", "10.0.0.0/08", "localhost", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fd00::1/64", "10.0.0.1 ", "FD00::/8",
	}},
	{"percent", regexp.MustCompile(`^[0-9]+%$`), []string{
		"0%", "100%", "101%", "-1%", "50", "50 %", "%", "1.5%", "five%", "200%", "050%", "1000000000000%",
	}},
	{"word", regexp.MustCompile(`^[A-Z][A-Za-z]+$`), []string{
		"Always", "Never", "None", "All", "Retain", "Other", "Exact", "RollingUpdate", "TCP", "ClusterIP", "ReadWriteOnce",
	}},
	{"capitals", regexp.MustCompile(`^[A-Z]{2,}$`), []string{"TCP", "UDP", "SCTP", "tcp", "HTTP", "https", "ICMP"}},
	{"image", regexp.MustCompile(`^[a-z0-9.-]+(:[0-9]+)?/.+[:@].+`), []string{
		"", " ", "nginx", "nginx:", "NGINX", "nginx:latest ", "nginx@sha256:abc", "a b", "registry/x:tag@sha256:" + strings.Repeat("a", 64), "/nginx",
	}},
	{"path", regexp.MustCompile(`^/`), []string{
		"/", "relative", "/a:b", "/a/../b", "..", "/a b", "", "//", "/a*", "/a%zz", "/" + strings.Repeat("a", 5000), "../a", "/a//b", "/a/./b",
	}},
	{"zone", regexp.MustCompile(`^[A-Z][a-z]+/[A-Z][A-Za-z_]+$`), []string{
		"Europe/Atlantis", "europe/berlin", "Local", "UTC", "Etc/UTC", "CET", "+01:00", "../etc/passwd", "Europe/Berlin ",
	}},
	{"url", regexp.MustCompile(`^[a-z0-9+]+://`), []string{
		"example.org", "http://", "ftp://example.org", "https://exa mple.org", "://x", "https://user:word@example.org/x", "HTTPS://example.org",
		"s3://", "http://example.org:99999",
	}},
	{"expression", regexp.MustCompile(`^(object|has\(|self|!?variables|request|size\(|params|oldObject|namespaceObject)`), []string{
		"true", "object.", "object.spec.replicas", "1 +", "oldObject == null", "undeclared > 1", "\"text\"", "object.metadata.name == 1", "",
		"has(object)", "object.spec.all(x, x > 1)", "request.nothing == ''", "params.x == 1", "variables.nothing", "size(object.spec) > 1)",
	}},
	{"base64", regexp.MustCompile(`^[A-Za-z0-9+/]{4,}={1,2}$`), []string{"YQ", "YQ==", "YQ=", "not base64", "ä", "YQ==\n", "YQ-_", ""}},
	{"file mode", regexp.MustCompile(`^0[0-7]{3}$`), []string{"0644", "0888", "644"}},
}

// nameTexts break names, labels and keys, or only just keep them.
var nameTexts = []string{
	"", "a", " ", "a b", "-a", "a-", "a.b", "a..b", "A", "ä", "1", "1a", "a_b", "a/b", "a/b/c", "/a", "a/", "x:y", "a=b", "a,b", "*", "*.example.org",
	"example.org", "example.org.", "system:admin", "my-name-" + strings.Repeat("a", 5), strings.Repeat("a", 15), strings.Repeat("a", 16),
	strings.Repeat("a", 52), strings.Repeat("a", 53), strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a", 253),
	strings.Repeat("a", 254), "$(A)", "null", "0", "-1", "80", "65536", "a\tb", "a\nb", ".", "..", "..a", "http", "http--x", "missing",
}

func textsFor(site site, value string) []any {
	var texts []string
	for _, family := range families {
		if family.matches.MatchString(value) {
			texts = append(texts, family.texts...)
		}
	}
	variants := []string{strings.ToUpper(value), strings.ToLower(value), value + " ", value + "!", value + "x", " " + value, value + "/", value + "." + value}
	if value != "" {
		variants = append(variants, value[:len(value)-1])
	}
	texts = append(texts, variants...)
	texts = append(texts, nameTexts...)
	values := []any{0.0, true, 1.5}
	for _, text := range texts {
		values = append(values, strings.ToValidUTF8(text, "?"))
	}
	// A syntax of its own is broken more often in its own ways than in those of names.
	for range 3 {
		for _, text := range texts[:len(texts)-len(nameTexts)] {
			values = append(values, strings.ToValidUTF8(text, "?"))
		}
	}
	return values
}
