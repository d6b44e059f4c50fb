package mutants

// stricter are the codes of formwork that refuse on purpose what a server accepts, with the reason for each.
var stricter = map[string]string{
	"missing-namespace": "a request's path says the namespace too, a file alone does not",
}

// isStricter says whether everything that formwork found is stricter on purpose.
func (judgement Judgement) isStricter() bool {
	for _, finding := range judgement.Findings {
		if stricter[finding.Code] == "" {
			return false
		}
	}
	return true
}
