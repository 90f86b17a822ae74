package main

import "alyx.dev/functions"

type Input struct {
	Title string   `json:"title" alyx:"maxLength=5"`
	Tags  []string `json:"tags" alyx:"optional"`
}

type Output struct {
	Length int `json:"length"`
}

var Function = functions.Define(func(ctx *functions.Context, input Input) (Output, error) {
	return Output{Length: len(input.Title)}, nil
})
