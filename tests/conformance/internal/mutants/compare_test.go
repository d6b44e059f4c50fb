package mutants

import (
	"testing"

	"formwork.example/conformance/internal/report"
)

func TestDirectionsOfDisagreement(t *testing.T) {
	accepts := &Judgement{Accepted: true}
	refuses := func(code string) *Judgement {
		judgement := &Judgement{Accepted: true}
		judgement.add(Finding{Code: code, Level: "deny"}, []string{"webhook-rule"})
		return judgement
	}
	both := func(verdict Verdict) Verdict {
		verdict.Accepted, verdict.Applied = true, true
		return verdict
	}
	for name, check := range map[string]struct {
		verdict Verdict
		want    string
	}{
		"both accept":                     {both(Verdict{Ours: accepts}), ""},
		"both refuse":                     {Verdict{Ours: refuses("invalid-name"), Message: "no"}, ""},
		"only the server refuses":         {Verdict{Ours: accepts, Message: "no"}, TooLax},
		"only we refuse":                  {both(Verdict{Ours: refuses("invalid-name")}), TooStrict},
		"only we refuse, on purpose":      {both(Verdict{Ours: refuses("missing-namespace")}), ""},
		"we refuse what is not applied":   {Verdict{Ours: refuses("invalid-name"), Accepted: true, ApplyMessage: "no"}, ""},
		"we accept what is not applied":   {Verdict{Ours: accepts, Accepted: true, ApplyMessage: "no"}, TooLaxForApply},
		"the name fits into no path":      {Verdict{Ours: accepts, Accepted: true, ApplyMessage: notTried}, ""},
		"the server lacks something else": {Verdict{Ours: accepts, Message: `namespaces "shop" not found`}, ""},
		"another object is at fault":      {both(Verdict{Ours: refuses("duplicate-object")}), ""},
		"a webhook would refuse":          {both(Verdict{Ours: refuses("webhook-rule")}), ""},
		"the server refuses an update":    {Verdict{Ours: accepts, Update: true, Accepted: true, ApplyMessage: "immutable"}, TooLaxUpdate},
		"both refuse an update":           {Verdict{Ours: refuses("field-immutable"), Update: true, Accepted: true, ApplyMessage: "immutable"}, ""},
		"only we refuse an update":        {both(Verdict{Ours: refuses("field-immutable"), Update: true}), TooStrict},
	} {
		if direction, _ := check.verdict.compare(report.New("test")); direction != check.want {
			t.Errorf("%s: %q instead of %q", name, direction, check.want)
		}
	}
}
