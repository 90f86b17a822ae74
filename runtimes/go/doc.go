// Package functions is what a function of an Alyx project is written with in Go.
//
// A function is a package main that declares one variable:
//
//	type Input struct {
//		Title string `json:"title" alyx:"minLength=1,maxLength=200"`
//	}
//
//	type Output struct {
//		ID string `json:"id"`
//	}
//
//	var Function = functions.Define(func(ctx *functions.Context, input Input) (Output, error) {
//		post, err := ctx.DB.Collection("posts").Create(functions.Document{"title": input.Title})
//		if err != nil {
//			return Output{}, err
//		}
//		return Output{ID: post.String("id")}, nil
//	})
//
// The server builds it into a program of its own, whose main function calls [Serve].
package functions
