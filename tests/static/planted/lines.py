"""Lines that the rules must find, each after the name of its rule. Never run."""

# ruff: noqa
# mypy: ignore-errors


def planted(
    *,
    Case,
    address,
    ask,
    cache,
    case,
    command,
    content,
    csrf_exempt,
    cursor,
    form,
    key,
    letters,
    log,
    name,
    number,
    path,
    person,
    pk,
    request,
    response,
    text,
    upload,
    view,
    words,
):
    # found: read-past-visible-to
    Case.objects.all()
    # found: read-past-visible-to
    Case.objects.filter(pk=pk)
    # found: read-past-visible-to
    Case.objects.get(pk=pk)
    # found: read-past-visible-to
    get_object_or_404(Case, pk=pk)
    # found: log-of-a-record
    logger.info("sent %s", form.cleaned_data)
    # found: log-of-a-record
    logger.error("lost %s", request.POST)
    # found: log-of-a-record
    log.warning(f"case {case}")
    # found: log-of-a-record
    logging.error("of %s" % person)
    # found: markup-out-of-text
    mark_safe(words)
    # found: markup-out-of-text
    format_html(f"<b>{words}</b>")
    # found: without-csrf
    csrf_exempt(view)
    # found: without-csrf
    method_decorator(csrf_exempt, name="dispatch")
    # found: sql-put-together
    cursor.execute(f"SELECT * FROM cases_case WHERE number = '{number}'")
    # found: sql-put-together
    cursor.execute("SELECT '%s'" % number)
    # found: sql-put-together
    Case.objects.extra(where=[number])
    # found: runs-a-program
    subprocess.run(command, shell=True)
    # found: runs-a-program
    os.system(command)
    # found: runs-a-program
    eval(command)
    # found: runs-a-program
    pickle.loads(command)
    # found: file-in-web-code
    open(name)
    # found: file-in-web-code
    path.read_bytes()
    # found: file-in-web-code
    tempfile.NamedTemporaryFile()
    # found: type-that-a-user-chose
    HttpResponse(content, content_type=upload.content_type)
    # found: type-that-a-user-chose
    HttpResponse(content, content_type=request.GET.get("as"))
    # found: led-where-the-request-says
    redirect(request.GET["next"])
    # found: led-where-the-request-says
    HttpResponseRedirect(request.POST.get("next", "/"))
    # found: chance-that-can-be-guessed
    random.choice(letters)
    # found: chance-that-can-be-guessed
    random.randint(0, 999999)
    # found: chance-that-can-be-guessed
    hashlib.md5(words)
    # found: time-without-its-zone
    datetime.now()
    # found: time-without-its-zone
    date.today()
    # found: record-in-the-cache
    cache.set(key, person)
    # found: record-in-the-cache
    request.session["last"] = form.cleaned_data
    # found: mail-that-tells
    send_mail("For you", text, None, [address])
    # found: mail-that-tells
    mail_admins("It failed", text)
    # found: trusts-any-server
    ssl._create_unverified_context()
    # found: trusts-any-server
    ask(address, verify=False)
    # found: page-that-anybody-may-keep
    xframe_options_exempt(view)
    # found: page-that-anybody-may-keep
    response["Access-Control-Allow-Origin"] = "*"
