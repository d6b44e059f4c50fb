// Package peers gives emitted configuration to the programs it is for: promtool, PostgreSQL and Redis.
package peers

import "formwork.example/conformance/internal/delivery"

// environments returns the objects of every environment.
func environments(root string) ([]delivery.Object, error) {
	return delivery.Read(root, "generated/environments")
}
