"""Invented words for invented people. Nothing of it happened."""

INCIDENTS = {
    "AR": (
        ("02011", "Volvió de su trabajo y él la esperaba en la puerta; la empujó y le quitó el teléfono."),
        ("02012", "Cuenta amenazas por mensajes desde hace tres meses, cada vez que cambia de número."),
        ("0401", "Dos personas le quitaron el bolso a la salida del mercado y la golpearon en el brazo."),
    ),
    "BR": (
        ("02011", "O ex-companheiro entrou em casa sem autorização e a agrediu diante dos filhos."),
        ("02012", "Relata ameaças de um vizinho depois de uma denúncia."),
    ),
    "US": (
        ("02011", "Was struck by a former partner outside the laundromat; a neighbor called for help."),
        ("02012", "Reports repeated threats at the workplace parking lot."),
    ),
}
NOTES = {
    "AR": (
        "Llamada de seguimiento a la hora acordada. Está bien y quiere continuar.",
        "Se acordó la próxima cita para el martes.",
    ),
    "BR": (
        "Contato de acompanhamento no horário combinado.",
        "Próximo atendimento marcado para terça-feira.",
    ),
    "US": ("Follow-up call at the agreed time. Wants to go on.", "Next appointment agreed for Tuesday."),
}
COUNSELLING = {
    "AR": "Trabajamos la sensación de culpa; sale más tranquila.",
    "BR": "Trabalhamos o sentimento de culpa.",
    "US": "Worked on the feeling of guilt; left calmer.",
}
# A document of a case: its title, the name of its file, and what is in it.
DOCUMENTS = {
    "AR": ("Copia de la denuncia", "denuncia.txt", "Acta inventada. Nada de esto ocurrió.\n"),
    "BR": ("Cópia do boletim", "boletim.txt", "Boletim inventado. Nada disto aconteceu.\n"),
    "US": ("Copy of the police report", "report.txt", "An invented report. Nothing of it happened.\n"),
}
REQUESTS = {
    "AR": "Necesita un lugar seguro desde hoy. Viene con una hija de seis años.",
    "BR": "Precisa de acolhimento ainda esta semana.",
    "US": "Needs a first appointment this week.",
}
RULES = {
    "AR": "Solo de 9 a 12, cuando él trabaja. Decir que llama la biblioteca.",
    "BR": "Só pela manhã. Não deixar recado.",
    "US": "Mornings only. Say it is the dentist's office.",
}
MOBILES = {"AR": "+54 351 555 {:04d}", "BR": "+55 11 95555 {:04d}", "US": "+1 410 555 {:04d}"}
STREETS = {"AR": "Calle Imaginaria {}", "BR": "Rua Imaginária {}", "US": "{} Imaginary Street"}
