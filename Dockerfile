# An image with only hushed, to run it or to copy the binary from. Build the static binary first, with
# `.ci/static`.
#
#   docker build -t hushed:0.1 .
#   docker run --rm hushed:0.1 --version
#
# In the image of your program: COPY --from=hushed:0.1 /hushed /usr/local/bin/hushed
FROM scratch
COPY --chmod=0555 target/shipped/static/hushed /hushed
# A number, because the image has no /etc/passwd with names.
USER 65532:65532
ENTRYPOINT ["/hushed"]
CMD ["--help"]
