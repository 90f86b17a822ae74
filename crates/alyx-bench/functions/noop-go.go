// Does nothing: what is timed is everything around it.
package main

import "alyx.dev/functions"

type Input struct {
	Number int `json:"number"`
}

var Function = functions.Define(func(ctx *functions.Context, input Input) (Input, error) {
	return input, nil
})
