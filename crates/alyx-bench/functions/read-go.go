// Reads one document as the caller.
package main

import "alyx.dev/functions"

type Input struct {
	ID string `json:"id"`
}

var Function = functions.Define(func(ctx *functions.Context, input Input) (Input, error) {
	post, err := functions.Get[Input](ctx.DB.Collection("posts"), input.ID)
	if err != nil || post == nil {
		return Input{}, err
	}
	return *post, nil
})
